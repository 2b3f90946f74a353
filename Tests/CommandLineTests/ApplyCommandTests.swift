import Foundation
import Testing

@Suite struct ApplyCommandTests {
    /// The manifests that ship with the repository.
    private static let demo = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../scopes/demo").standardizedFileURL.path
    private static let key = ["HUSH_DEMO_API_KEY": "tok_live_5f2a"]

    @Test func demoIsAppliedOnceAndAgain() throws {
        let home = try Home()
        let first = try home.hush("apply", Self.demo, "--yes", environment: Self.key)
        #expect(
            first
                == Outcome(
                    0,
                    output: """
                        + user ana@example.com
                        + user bob@example.com
                        + group analysts
                        + member ana@example.com of analysts
                        + scope payments
                        + READ on payments for analysts
                        + secret payments/api-key from env:HUSH_DEMO_API_KEY
                        Made 7 changes.

                        """))
        #expect(
            try home.succeed("secrets", "get-secret", "payments", "api-key", "--raw", "--as", "ana@example.com")
                == "tok_live_5f2a")
        #expect(try home.hush("secrets", "get-secret", "payments", "api-key", "--as", "bob@example.com").status == 1)
        #expect(try home.hush("apply", Self.demo, environment: Self.key) == Outcome(0, output: "Nothing to do.\n"))
        let rotated = try home.hush("apply", Self.demo, environment: ["HUSH_DEMO_API_KEY": "tok_live_9c1e"])
        #expect(
            rotated
                == Outcome(
                    0, output: "~ secret payments/api-key from env:HUSH_DEMO_API_KEY\nMade 1 change.\n"))
    }

    @Test func missingValueChangesNothing() throws {
        let home = try Home()
        let outcome = try home.hush("apply", Self.demo, "--yes")
        #expect(outcome.status == 1 && outcome.output.isEmpty)
        #expect(
            outcome.errors == """
                Error: \(Self.demo)/payments.yaml:8:16: env:HUSH_DEMO_API_KEY: the variable is not set. \
                Set HUSH_DEMO_API_KEY.

                """)
        #expect(try home.succeed("users", "list") == "User              State\nroot@example.com  active\n")
    }

    @Test func problemsAreShownOnePerLine() throws {
        let home = try Home()
        try home.folder.write("user: [a]\nscopes: {a: {keys: {}}}", to: "manifests/a.yaml")
        let folder = home.folder.path("manifests")
        #expect(
            try home.hush("apply", folder)
                == Outcome(
                    1,
                    errors: """
                        Error: \(folder)/a.yaml:1:1: a manifest has no field "user". Did you mean "users"?
                        Error: \(folder)/a.yaml:2:14: the scope "a" has no field "keys". Known are acl, link, redaction, secrets.

                        """))
    }

    @Test func changesAreAlsoJSON() throws {
        let home = try Home.withPayments()
        let file = try home.folder.write(
            "scopes: {payments: {acl: {analysts: WRITE}, secrets: {api-key: env:KEY}}}", to: "m.yaml")
        let outcome = try home.hush("apply", file, "-o", "json", environment: ["KEY": "tok_live_9c1e"])
        #expect(
            outcome
                == Outcome(
                    0,
                    output: """
                        [
                          {
                            "action": "put_acl",
                            "permission": "WRITE",
                            "position": "\(file):1:27",
                            "previous": "READ",
                            "principal": "analysts",
                            "scope": "payments"
                          },
                          {
                            "action": "put_secret",
                            "key": "api-key",
                            "position": "\(file):1:55",
                            "replaces": true,
                            "scope": "payments",
                            "source": "env:KEY"
                          }
                        ]

                        """))
        #expect(try home.hush("apply", file, "-o", "json", environment: ["KEY": "tok_live_9c1e"]).output == "[]\n")
    }

    @Test(arguments: [("y\n", true), ("yes\n", true), ("n\n", false), ("\n", false), ("\u{04}", false)])
    func terminalIsAskedFirst(answer: String, isApplied: Bool) throws {
        let home = try Home()
        let file = try home.folder.write("users: [ana@example.com]", to: "m.yaml")
        let terminal = try PseudoTerminal(home.process(["apply", file]))
        #expect(terminal.wait(for: "+ user ana@example.com\r\nMake 1 change? [y/N] "))
        terminal.type(answer)
        #expect(terminal.finish() == (isApplied ? 0 : 1))
        #expect(terminal.screen.contains(isApplied ? "Made 1 change." : "Error: Nothing was changed."))
        #expect(try home.succeed("users", "list").contains("ana@example.com") == isApplied)
    }

    @Test func terminalIsNotAskedWithYesOrWhenThereIsNothingToDo() throws {
        let home = try Home()
        let file = try home.folder.write("users: [ana@example.com]", to: "m.yaml")
        let first = try PseudoTerminal(home.process(["apply", file, "--yes"]))
        #expect(first.finish() == 0)
        #expect(first.screen == "+ user ana@example.com\r\nMade 1 change.\r\n")
        let second = try PseudoTerminal(home.process(["apply", file]))
        #expect(second.finish() == 0)
        #expect(second.screen == "Nothing to do.\r\n")
    }
}
