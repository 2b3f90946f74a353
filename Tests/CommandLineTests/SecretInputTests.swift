import Foundation
import Glibc
import Testing

/// Where `put-secret` takes its value from.
@Suite struct SecretInputTests {
    private func value(of key: String, in home: Home) throws -> String {
        try home.succeed("secrets", "get-secret", "payments", key, "--raw")
    }

    @Test(arguments: ["tok_live_5f2a", "tok_live_5f2a\n", "first line\nsecond line\n\n", "\ntok_live_5f2a", "pässword"])
    func standardInputIsStoredByteForByte(text: String) throws {
        let home = try Home.withPayments()
        try home.succeed("secrets", "put-secret", "payments", "k", input: .text(text))
        #expect(try value(of: "k", in: home) == text)
    }

    @Test func missingValueIsRefusedAndNothingIsStored() throws {
        let home = try Home.withPayments()
        let remedy = "Pass the value there; --string-value '' stores an empty one."
        #expect(
            try home.hush("secrets", "put-secret", "payments", "api-key", input: .closed)
                == Outcome(1, errors: "Error: Standard input is closed. \(remedy)\n"))
        #expect(
            try home.hush("secrets", "put-secret", "payments", "api-key", input: .file("/dev/null"))
                == Outcome(1, errors: "Error: Standard input is empty. \(remedy)\n"))
        #expect(try value(of: "api-key", in: home) == "tok_live_5f2a")
    }

    /// All the ways to ask for an empty value on purpose.
    @Test(arguments: [["--string-value", ""], ["--string-value="], ["--bytes-value="]])
    func explicitEmptyValueIsStored(flags: [String]) throws {
        let home = try Home.withPayments()
        let outcome = try home.process(["secrets", "put-secret", "payments", "api-key"] + flags).run(.text("not this"))
        #expect(outcome.status == 0)
        #expect(outcome.errors.hasPrefix("Warning: payments/api-key was put, but is too short to be redacted"))
        #expect(try value(of: "api-key", in: home) == "")
    }

    /// Values that look like options, or like the parser's own syntax.
    @Test(arguments: ["--string-value", "--bytes-value"], ["-o", "--as", "--", "--json=", "-hunter2", "a=b", "@file"])
    func valueOnTheCommandLineIsTakenAsItIs(flag: String, text: String) throws {
        let home = try Home.withPayments()
        #expect(try home.hush("secrets", "put-secret", "payments", "k", flag, text).status == 0)
        #expect(try value(of: "k", in: home) == text)
        #expect(try home.hush("secrets", "put-secret", "payments", "l", "\(flag)=\(text)").status == 0)
        #expect(try value(of: "l", in: home) == text)
    }

    @Test func largestValueFitsAndOneByteMoreDoesNot() throws {
        let home = try Home.withPayments()
        let largest = String(repeating: "a", count: 131_072)
        try home.succeed("secrets", "put-secret", "payments", "k", input: .text(largest))
        #expect(try value(of: "k", in: home) == largest)
        let outcome = try home.hush("secrets", "put-secret", "payments", "k", input: .text(largest + "b"))
        #expect(outcome.status == 1)
        #expect(outcome.errors.split(separator: "\n").count == 1 && !outcome.errors.contains("aaa"))
        #expect(try value(of: "k", in: home) == largest)
    }

    @Test(arguments: [
        ("abc", "too short"), ("   \n   ", "too short"), ("12345", "everyday word"), ("password", "everyday word"),
    ])
    func weakValueIsStoredWithAWarning(text: String, warning: String) throws {
        let home = try Home.withPayments()
        let outcome = try home.hush("secrets", "put-secret", "payments", "k", input: .text(text))
        #expect(outcome.status == 0 && outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix("Warning: payments/k was put, but is") && outcome.errors.contains(warning))
        #expect(!outcome.errors.contains(text))
        #expect(try value(of: "k", in: home) == text)
    }

    @Test func refusedWeakValueIsNotWarnedAbout() throws {
        let home = try Home.withPayments()
        let outcome = try home.hush(
            "secrets", "put-secret", "payments", "k", "--as", "ana@example.com", input: .text("abc"))
        #expect(outcome.status == 1)
        #expect(outcome.errors.hasPrefix("Error: User ana@example.com does not have WRITE permission"))
        #expect(!outcome.errors.contains("Warning"))
    }

    // MARK: A terminal

    @Test func terminalIsAskedForOneLineThatDoesNotShow() throws {
        let home = try Home.withPayments()
        let terminal = try PseudoTerminal(home.process(["secrets", "put-secret", "payments", "k"]))
        #expect(terminal.echoes)
        #expect(terminal.wait(for: "Please enter your secret value: "))
        #expect(!terminal.echoes)
        terminal.type("tok_live_9c1e\n")
        #expect(terminal.finish() == 0)
        #expect(terminal.echoes)
        #expect(!terminal.screen.contains("9c1e"))
        #expect(try value(of: "k", in: home) == "tok_live_9c1e")
    }

    /// Return alone, and the end of the input (Control-D).
    @Test(arguments: ["\n", "\u{04}"])
    func nothingTypedIsRefused(typed: String) throws {
        let home = try Home.withPayments()
        let terminal = try PseudoTerminal(home.process(["secrets", "put-secret", "payments", "k"]))
        #expect(terminal.wait(for: "value: "))
        terminal.type(typed)
        #expect(terminal.finish() == 1)
        #expect(terminal.echoes)
        #expect(terminal.screen.contains("Error: Nothing was entered."))
        #expect(!(try home.succeed("secrets", "list-secrets", "payments").contains("k ")))
    }

    @Test(arguments: [SIGTERM, SIGHUP, SIGINT, SIGQUIT])
    func signalLeavesTheTerminalAsItWas(signal: Int32) throws {
        let home = try Home.withPayments()
        let terminal = try PseudoTerminal(home.process(["secrets", "put-secret", "payments", "k"]))
        #expect(terminal.wait(for: "value: "))
        #expect(!terminal.echoes)
        terminal.send(signal)
        #expect(terminal.finish() == 128 + signal)
        #expect(terminal.echoes)
    }

    /// As Control-C does it: through the terminal, to its foreground process.
    @Test func interruptKeyEndsThePrompt() throws {
        let home = try Home.withPayments()
        let terminal = try PseudoTerminal(home.process(["secrets", "put-secret", "payments", "k"]))
        #expect(terminal.wait(for: "value: "))
        terminal.type("tok_li\u{03}")
        #expect(terminal.finish() == 128 + SIGINT)
        #expect(terminal.echoes)
        #expect(!terminal.screen.contains("tok_li"))
    }

    @Test func bytesThatActOnATerminalAreNotPrintedToOne() throws {
        let home = try Home.withPayments()
        try home.succeed("secrets", "put-secret", "payments", "k", input: .text("\u{1B}]0;title\u{07}"))
        let terminal = try PseudoTerminal(home.process(["secrets", "get-secret", "payments", "k", "--raw"]))
        #expect(terminal.finish() == 1)
        #expect(terminal.screen.contains("Error: The value holds bytes that the terminal would act upon."))
        #expect(!terminal.screen.contains("title"))
        let plain = try PseudoTerminal(home.process(["secrets", "get-secret", "payments", "api-key", "--raw"]))
        #expect(plain.finish() == 0)
        #expect(plain.screen == "tok_live_5f2a")
    }
}
