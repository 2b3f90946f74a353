import Foundation
import Glibc
import Testing

/// `hush exec` at a terminal: the command has one of its own, and whoever sits there notices nothing.
@Suite struct ExecTerminalTests {
    private func exec(_ script: String, in home: Home) -> HushProcess {
        home.process(
            ["exec", "--env", "KEY={{secrets/payments/api-key}}", "--", "sh", "-c", script], ["TERM": "xterm-256color"])
    }

    @Test func allStreamsAreATerminalThatControlsTheSession() throws {
        let home = try Home.withPayments()
        let terminal = try PseudoTerminal(
            exec(
                "[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo yes >/dev/tty; tty; printf '\\033[31m%s\\033[0m\\n' \"$KEY\"",
                in: home))
        #expect(terminal.finish() == 0)
        let lines = terminal.screen.components(separatedBy: "\r\n")
        try #require(lines.count == 4 && lines[0] == "yes" && lines[1].hasPrefix("/dev/pts/"), "\(lines)")
        #expect(lines[2] == "\u{1B}[31m[REDACTED]\u{1B}[0m" && lines[3].isEmpty)
    }

    @Test func sizeOfTheWindowIsTheCommandsToo() throws {
        let home = try Home.withPayments()
        let terminal = try PseudoTerminal(
            exec("trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.05; done", in: home))
        #expect(terminal.wait(for: "ready"))
        terminal.resize(rows: 33, columns: 101)
        #expect(terminal.finish() == 0)
        #expect(terminal.screen == "ready\r\n33 101\r\n")
    }

    @Test func interruptKeyReachesTheCommandAlone() throws {
        let home = try Home.withPayments()
        let terminal = try PseudoTerminal(
            exec("trap 'echo interrupted; exit 5' INT; echo ready; while :; do sleep 0.05; done", in: home))
        #expect(terminal.wait(for: "ready"))
        terminal.type("\u{3}")
        #expect(terminal.finish() == 5)
        #expect(terminal.screen.hasSuffix("interrupted\r\n"))
        #expect(terminal.echoes && terminal.isCooked)
    }

    @Test func promptsAndEchoAppearAtOnceAndTheRestOfAValueStaysHidden() throws {
        let home = try Home.withPayments()
        // The prompt ends with what a value begins with, and so does what is typed.
        let terminal = try PseudoTerminal(
            exec(
                "printf 'name to'; read -r line; echo \"<$line>\"; printf 'tok'; read -r line; printf '_live_5f2a'",
                in: home))
        #expect(terminal.wait(for: "name to"))
        terminal.type("to")
        #expect(terminal.wait(for: "name toto"))
        terminal.type("\n")
        #expect(terminal.wait(for: "<to>\r\ntok"))
        terminal.type("x\n")
        #expect(terminal.finish() == 0)
        #expect(terminal.screen == "name toto\r\n<to>\r\ntokx\r\n_live_5f2a")

        let split = try PseudoTerminal(
            exec("printf 'tok'; read -r line; printf '%s' \"${KEY#tok}\"", in: home))
        #expect(split.wait(for: "tok"))
        split.type("\u{4}")
        #expect(split.finish() == 0)
        #expect(split.screen == "tok[REDACTED]")
    }

    @Test func valueThatIsTypedIsNotEchoed() throws {
        let home = try Home.withPayments()
        let terminal = try PseudoTerminal(exec("read -r line; [ \"$line\" = \"$KEY\" ] && echo same", in: home))
        while terminal.isCooked { sched_yield() }
        terminal.type("tok_live_5f2a\n")
        #expect(terminal.finish() == 0)
        #expect(terminal.screen == "[REDACTED]\r\nsame\r\n")
    }

    @Test(arguments: [SIGTERM, SIGHUP, SIGINT])
    func terminalIsRestoredWhenASignalEndsTheRun(signal: Int32) throws {
        let home = try Home.withPayments()
        let terminal = try PseudoTerminal(exec("echo ready; exec sleep 1000", in: home))
        #expect(terminal.wait(for: "ready"))
        #expect(!terminal.isCooked && !terminal.echoes)
        terminal.send(signal)
        #expect(terminal.finish() == 128 + signal)
        #expect(terminal.isCooked && terminal.echoes)
    }

    @Test func terminalIsRestoredWhenTheCommandCannotBeExecuted() throws {
        let home = try Home.withPayments()
        let terminal = try PseudoTerminal(home.process(["exec", "--", "/nowhere/x"]))
        #expect(terminal.finish() == 127)
        #expect(terminal.isCooked && terminal.echoes)
        #expect(terminal.screen == "Error: The command /nowhere/x was not found. Check its path.\r\n")
    }

    @Test func stopKeyStopsTheWholeAndItGoesOn() throws {
        let home = try Home.withPayments()
        let terminal = try PseudoTerminal(exec("echo ready; read -r line; echo \"got $line\"", in: home))
        #expect(terminal.wait(for: "ready"))
        terminal.type("\u{1A}")
        #expect(terminal.waitForStop())
        #expect(terminal.isCooked && terminal.echoes)
        terminal.send(SIGCONT)
        while terminal.isCooked { sched_yield() }
        terminal.type("it\n")
        #expect(terminal.finish() == 0)
        #expect(terminal.screen == "ready\r\nit\r\ngot it\r\n")
    }

    @Test func shellInsideControlsItsOwnJobs() throws {
        let home = try Home.withPayments()
        let call = home.process(
            ["exec", "--", "bash", "--norc", "--noprofile", "-i"], ["PS1": "> ", "TERM": "dumb", "HISTFILE": ""])
        let terminal = try PseudoTerminal(call)
        #expect(terminal.wait(for: "> "))
        terminal.type("sh -c 'echo begun; exec sleep 1000'\n")
        #expect(terminal.wait(for: "\r\nbegun\r\n"))
        terminal.type("\u{1A}")
        #expect(terminal.wait(for: "Stopped"))
        terminal.type("kill -KILL %1; exec sh -c 'echo $((40 + 2)); exit 4'\n")
        #expect(terminal.wait(for: "42\r\n"))
        #expect(terminal.finish() == 4)
    }

    @Test func closedWindowHangsUpTheCommandsTerminal() throws {
        let home = try Home.withPayments()
        // It does not mind the signal, and learns from its writes that nobody is there.
        let script = "trap '' HUP; while echo x; do :; done 2>/dev/null; echo alone >'\(home.folder.path("end"))'"
        let terminal = try PseudoTerminal(exec(script, in: home))
        #expect(terminal.wait(for: "x"))
        terminal.hangUp()
        // The signal may find the command ended already, and then it is for the program itself.
        #expect([0, 128 + SIGHUP].contains(terminal.finish()))
        #expect(try home.folder.bytes(of: "end") == Array("alone\n".utf8))
    }

    @Test func outputAloneAtATerminalIsLeftAsItIs() throws {
        let home = try Home.withPayments()
        let input = try home.folder.write("from a file\n", to: "input")
        let terminal = try PseudoTerminal(
            exec("[ -t 1 ] && [ ! -t 0 ] && cat; printf 'two\\nlines\\n'", in: home), streams: [1, 2], input: input)
        #expect(terminal.finish() == 0)
        #expect(terminal.screen == "from a file\r\ntwo\r\nlines\r\n")
    }

    @Test func inputAloneAtATerminalIsTheCommandsOwn() throws {
        let home = try Home.withPayments()
        let output = home.folder.path("output")
        var call = exec("[ -t 0 ] && [ ! -t 1 ] && echo ready >&2; read -r line; echo \"$line\"", in: home)
        // The shell stands between, and opens the file.
        call.wrapper = ["sh", "-c", "exec \"$0\" \"$@\" >'\(output)'"]
        let terminal = try PseudoTerminal(call)
        #expect(terminal.wait(for: "ready"))
        #expect(terminal.isCooked)
        terminal.type("typed\n")
        #expect(terminal.finish() == 0)
        #expect(try home.folder.bytes(of: "output") == Array("typed\n".utf8))
    }
}
