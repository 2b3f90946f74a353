import Foundation
import Testing

/// `prompt`: values that somebody types when manifests are applied.
@Suite struct PromptedSecretTests {
    private static let manifest = """
        scopes:
          payments:
            secrets:
              pin: prompt
              pin-copy: scope:payments/pin
        """

    private static func value(of key: String, in home: Home) throws -> String {
        try home.succeed("secrets", "get-secret", "payments", key, "--raw")
    }

    @Test func valueIsAskedForOnceWithoutEchoAndKept() throws {
        let home = try Home.withPayments()
        let file = try home.folder.write(Self.manifest, to: "m.yaml")
        let terminal = try PseudoTerminal(home.process(["apply", file, "--yes"]))
        #expect(terminal.wait(for: "Value of payments/pin: "))
        #expect(!terminal.echoes)
        terminal.type("tok_typed_81d0\n")
        #expect(terminal.finish() == 0)
        #expect(!terminal.screen.contains("tok_typed"))
        #expect(terminal.screen.contains("+ secret payments/pin from prompt\r\n"))
        #expect(try Self.value(of: "pin", in: home) == "tok_typed_81d0")
        #expect(try Self.value(of: "pin-copy", in: home) == "tok_typed_81d0")
        // It is kept, and nobody is asked.
        #expect(try home.hush("apply", file) == Outcome(0, output: "Nothing to do.\n"))
        let again = try PseudoTerminal(home.process(["apply", file, "--yes", "--ask-again"]))
        #expect(again.wait(for: "Value of payments/pin: "))
        again.type("tok_typed_92e1\n")
        #expect(again.finish() == 0)
        #expect(try Self.value(of: "pin", in: home) == "tok_typed_92e1")
        #expect(try Self.value(of: "pin-copy", in: home) == "tok_typed_92e1")
    }

    @Test func planDoesNotAsk() throws {
        let home = try Home.withPayments()
        let file = try home.folder.write(Self.manifest, to: "m.yaml")
        #expect(
            try home.hush("plan", file)
                == Outcome(
                    2,
                    output: """
                        + secret payments/pin from prompt
                        + secret payments/pin-copy from scope:payments/pin
                        Would make 2 changes.

                        """))
    }

    @Test func withoutATerminalTheSecretIsNamedWithItsPlace() throws {
        let home = try Home.withPayments()
        let file = try home.folder.write("users: [ana2@example.com]\n" + Self.manifest, to: "m.yaml")
        // In a session of its own, where no terminal is the process's own.
        var process = home.process(["apply", file, "--yes"])
        process.wrapper = ["setsid", "--wait"]
        #expect(
            try process.run()
                == Outcome(
                    1,
                    errors: """
                        Error: \(file):5:7: prompt: payments/pin: there is no terminal to ask at. Run it on one, or take \
                        the value from env:NAME or file:PATH.

                        """))
        #expect(!(try home.succeed("users", "list").contains("ana2")))
    }

    @Test func savedPlanAsksWhenItIsCarriedOut() throws {
        let home = try Home.withPayments()
        let file = try home.folder.write(Self.manifest, to: "m.yaml")
        let plan = home.folder.path("saved.plan")
        #expect(try home.hush("plan", file, "--out", plan).status == 2)
        var alone = home.process(["apply", plan, "--yes"])
        alone.wrapper = ["setsid", "--wait"]
        let refused = try alone.run()
        #expect(refused.status == 1, "\(refused)")
        #expect(refused.errors.contains("m.yaml:4:7: prompt: payments/pin: there is no terminal to ask at."))
        let terminal = try PseudoTerminal(home.process(["apply", plan, "--yes"]))
        #expect(terminal.wait(for: "Value of payments/pin: "))
        terminal.type("tok_typed_81d0\n")
        #expect(terminal.finish() == 0, "\(terminal.screen)")
        #expect(try Self.value(of: "pin", in: home) == "tok_typed_81d0")
        #expect(try Self.value(of: "pin-copy", in: home) == "tok_typed_81d0")
    }

    @Test func nothingTypedChangesNothing() throws {
        let home = try Home.withPayments()
        let file = try home.folder.write("users: [ana2@example.com]\n" + Self.manifest, to: "m.yaml")
        let terminal = try PseudoTerminal(home.process(["apply", file, "--yes"]))
        #expect(terminal.wait(for: "Value of payments/pin: "))
        terminal.type("\n")
        #expect(terminal.finish() == 1)
        #expect(terminal.screen.contains("Error: Nothing was entered for payments/pin. Nothing was changed."))
        #expect(!(try home.succeed("users", "list").contains("ana2")))
    }
}
