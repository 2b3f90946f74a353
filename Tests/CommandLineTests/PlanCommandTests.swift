import Foundation
import Testing

/// `hush plan` and `hush apply` embedded and against a server.
@Suite(.timeLimit(.minutes(10))) struct PlanCommandTests {
    private static let principals = """
        users: [ana@example.com]
        groups:
          analysts:
            members: [ana@example.com]

        """

    private static let scopes = """
        scopes:
          payments:
            redaction: strict
            acl:
              analysts: READ
            secrets:
              api-key: env:PAYMENTS_API_KEY
          mounted:
            link:
              address: file:///run/secrets
              options:
                trim: final-newline

        """

    /// Manifests in a folder of their own, and the golden file about them.
    private func check(_ name: String, in home: Home, environment: [String: String] = [:]) throws {
        let manifests = try TestFolder()
        try manifests.write(Self.principals, to: "principals.yaml")
        try manifests.write(Self.scopes, to: "scopes.yaml")
        try manifests.write("user: [a]\nscopes: {a: {keys: {}}}", to: "wrong.txt")
        try Transcript(name: name).check(
            in: home,
            environment: environment.merging(
                ["MANIFESTS": manifests.path, "PAYMENTS_API_KEY": "tok_live_5f2a"]) { $1 },
            replacing: [manifests.path: "scopes"])
    }

    /// Links may reach `/run/secrets`.
    private func home() throws -> Home {
        let home = try Home()
        try Data("links:\n  directories: [/run/secrets]\n".utf8)
            .write(to: URL(fileURLWithPath: home.path + "/config.yaml"))
        return home
    }

    @Test func goldenFile() throws {
        try check("manifests/plan", in: home())
    }

    @Test func goldenFileHoldsOverTheWire() throws {
        let remote = try RemoteHome(home())
        try check("manifests/plan", in: remote.away, environment: remote.environment)
    }

    /// Whoever may manage a scope and is no administrator may apply what concerns that scope alone.
    @Test func planReadsOnlyWhatTheManifestNames() throws {
        let home = try Home()
        let remote = try RemoteHome(home)
        try home.succeed("users", "create", "ana@example.com")
        let token = try RemoteHome.token(in: home, for: "ana@example.com")
        let file = try home.folder.write("scopes: {mine: {secrets: {k: env:KEY}}}", to: "m.yaml")
        var process = remote.process(["apply", file], token: token)
        process.environment["KEY"] = "tok_live_5f2a"
        #expect(
            try process.run()
                == Outcome(0, output: "+ scope mine\n+ secret mine/k from env:KEY\nMade 2 changes.\n"))
        process.arguments = ["plan", file]
        #expect(try process.run() == Outcome(0, output: "Nothing to do.\n"))
        let events = try home.succeed("audit", "events", "--principal", "ana@example.com")
        #expect(!events.contains("listUsers") && !events.contains("listPrincipals"), "\(events)")
    }

    @Test func planChangesNothingAndShowsNoValue() throws {
        let home = try Home.withPayments()
        let file = try home.folder.write("scopes: {payments: {secrets: {api-key: env:KEY}}}", to: "m.yaml")
        let outcome = try home.hush("plan", file, environment: ["KEY": "tok_live_9c1e"])
        #expect(
            outcome == Outcome(2, output: "~ secret payments/api-key from env:KEY\nWould make 1 change.\n"))
        #expect(try home.succeed("secrets", "get-secret", "payments", "api-key", "--raw") == "tok_live_5f2a")
    }
}
