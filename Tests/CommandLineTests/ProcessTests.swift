import Foundation
import Glibc
import Testing

/// The program as a process: what others can see of it, and how it behaves in a pipeline.
@Suite struct ProcessTests {
    /// A call that waits: it opens the workspace's key at a pipe which nobody writes to.
    private func waitingProcess(
        _ home: Home, _ arguments: [String], wrapper: [String] = []
    ) throws -> (pid: pid_t, pipe: Int32) {
        let pipe = home.folder.path("pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        let writer = open(pipe, O_RDWR)
        var call = home.process(arguments + ["--passphrase-fd", "0"])
        call.wrapper = wrapper
        let process =
            try call
            .start(.file(pipe), output: home.folder.path("output"), errors: home.folder.path("errors"))
        try waitUntilReading(writer, by: process)
        return (process, writer)
    }

    /// Returns when the program has taken what was written to its standard input, so that it waits for more.
    private func waitUntilReading(_ pipe: Int32, by process: pid_t) throws {
        var byte = UInt8(ascii: "a")
        try #require(write(pipe, &byte, 1) == 1)
        var pending: Int32 = 1
        while pending > 0 {
            try #require(ioctl(pipe, UInt(FIONREAD), &pending) == 0)
            try #require(kill(process, 0) == 0)
            sched_yield()
        }
    }

    @Test(arguments: [
        ["--string-value", "tok_live_5f2a"], ["--bytes-value", "tok_live_5f2a"], ["--string-value=tok_live_5f2a"],
    ])
    func valueVanishesFromTheArguments(flags: [String]) throws {
        let home = try Home.withPayments()
        let (process, pipe) = try waitingProcess(home, ["secrets", "put-secret", "payments", "k"] + flags)
        defer {
            close(pipe)
            kill(process, SIGKILL)
            _ = HushProcess.wait(for: process)
        }
        // What `ps` shows to everybody.
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(process)/cmdline"))
        let arguments = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        #expect(arguments.contains("put-secret"))
        #expect(!arguments.joined().contains("5f2a"))
    }

    @Test func noDumpIsWritten() throws {
        let home = try Home.withPayments()
        let (process, pipe) = try waitingProcess(home, ["status"])
        defer { close(pipe) }
        let limits = try String(contentsOfFile: "/proc/\(process)/limits", encoding: .utf8)
        #expect(limits.contains(/Max core file size +1 +1 +bytes/))
        // A crash: the Swift runtime would print registers and the memory that they point to.
        kill(process, SIGSEGV)
        #expect(HushProcess.wait(for: process) & 0x7F == SIGSEGV)
        #expect(try home.folder.bytes(of: "errors").isEmpty)
    }

    /// As `hush … | head -1` does it.
    @Test func readerThatGoesAwayEndsTheProgramSilently() throws {
        let home = try Home.withPayments()
        let outcome = try shell("\"$HUSH\" secrets list-scopes | true; echo ${PIPESTATUS[0]}", home)
        #expect(outcome.errors.isEmpty)
        // Whether it had written by then is the scheduler's choice.
        #expect(["0\n", "141\n"].contains(outcome.output), "\(outcome)")
        // Nobody will ever read: the reading end is closed before the start.
        let closed = try shell("exec 3> >(exec <&-); wait $!; \"$HUSH\" secrets list-scopes >&3; echo $?", home)
        #expect(closed.output == "141\n" && closed.errors.isEmpty, "\(closed)")
    }

    @Test func ignoredBrokenPipeIsAnError() throws {
        let home = try Home.withPayments()
        let outcome = try shell(
            "exec 3> >(exec <&-); wait $!; trap '' PIPE; \"$HUSH\" secrets list-scopes >&3; echo $?", home)
        #expect(outcome.output == "1\n")
        #expect(outcome.errors == "Error: The output could not be written (Broken pipe).\n")
    }

    @Test func fullDiskIsAnError() throws {
        let home = try Home.withPayments()
        let outcome = try shell("\"$HUSH\" secrets get-secret payments api-key --raw > /dev/full; echo $?", home)
        #expect(outcome.output == "1\n")
        #expect(outcome.errors == "Error: The output could not be written (No space left on device).\n")
    }

    /// Without care the store would be opened under the number of a closed stream, and written to by messages.
    @Test func closedStreamsDoNotDamageTheStore() throws {
        let home = try Home.withPayments()
        let outcome = try shell(
            """
            "$HUSH" secrets get-secret payments nope <&- >&- 2>&-; echo $?
            "$HUSH" secrets get-secret payments api-key --raw >&-; echo $?
            "$HUSH" secrets get-secret payments nope 2>&-; echo $?
            """, home)
        #expect(outcome.output == "1\n1\n1\n")
        #expect(try home.succeed("audit", "verify").contains("intact."))
    }

    @Test func hangUpEndsItUnlessItWasStartedToIgnoreThat() throws {
        let home = try Home.withPayments()
        let (process, pipe) = try waitingProcess(home, ["secrets", "list-scopes"])
        kill(process, SIGHUP)
        #expect(HushProcess.wait(for: process) == 128 + SIGHUP)
        close(pipe)

        let other = try Home.withPayments()
        let (ignoring, otherPipe) = try waitingProcess(other, ["secrets", "list-scopes"], wrapper: ["nohup"])
        defer { close(otherPipe) }
        kill(ignoring, SIGHUP)
        // Signals are taken in the order of their numbers, so a hang-up that counted would have been the first.
        kill(ignoring, SIGTERM)
        #expect(HushProcess.wait(for: ignoring) == 128 + SIGTERM)
    }

    private func shell(_ script: String, _ home: Home) throws -> Outcome {
        try home.process([]).runShell(script)
    }

    /// Emptying the log takes longer than reading a secret, so a read leaves that to the commands behind it.
    @Test func readLeavesAShortLogToTheNextCommand() throws {
        let home = try Home.withPayments()
        let log = home.path + "/hush.db-wal"
        try home.succeed("secrets", "get-secret", "payments", "api-key")
        #expect(access(log, F_OK) == 0)
        // A command may end before its last thread has let go of the store; then the log is left once more.
        var isLeft = true
        for _ in 1...20 where isLeft {
            try home.succeed("secrets", "list-scopes")
            isLeft = access(log, F_OK) == 0
        }
        #expect(!isLeft)
        var longest: off_t = 0
        for _ in 1...100 {
            try home.succeed("secrets", "get-secret", "payments", "api-key")
            var file = stat()
            longest = max(longest, stat(log, &file) == 0 ? file.st_size : 0)
        }
        #expect(longest > 64 * 1024 && longest < 512 * 1024)
        #expect(try home.succeed("verify").contains("intact"))
    }
}
