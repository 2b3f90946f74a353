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

    @Test(arguments: ["manifests/plan", "manifests/changes"])
    func goldenFile(name: String) throws {
        try check(name, in: home())
    }

    @Test(arguments: ["manifests/plan", "manifests/changes"])
    func goldenFileHoldsOverTheWire(name: String) throws {
        let remote = try RemoteHome(home())
        try check(name, in: remote.away, environment: remote.environment)
    }

    @Test func savedPlanIsForItsWorkspaceAlone() throws {
        let home = try Home()
        let file = try home.folder.write("users: [ana@example.com]", to: "m.yaml")
        let plan = home.folder.path("m.plan")
        #expect(try home.hush("plan", file, "--out", plan).status == 2)
        #expect(
            try Home().hush("apply", plan, "--yes")
                == Outcome(1, errors: "Error: The plan \(plan) is for another workspace. Nothing was changed.\n"))
        #expect(try home.hush("apply", plan, "--yes").output == "+ user ana@example.com\nMade 1 change.\n")
    }

    /// Nobody loses a scope because a manifest forgot who manages it.
    @Test func pruningKeepsTheLastOneWhoManages() throws {
        let home = try Home.withPayments()
        let file = try home.folder.write("scopes: {payments: {acl: {analysts: READ}}}", to: "m.yaml")
        #expect(try home.hush("plan", file, "--prune") == Outcome(0, output: "Nothing to do.\n"))
        let other = try home.folder.write("scopes: {payments: {acl: {analysts: MANAGE}}}", to: "other.yaml")
        #expect(
            try home.hush("plan", other, "--prune").output == """
                ~ MANAGE on payments for analysts, was READ
                - MANAGE on payments for root@example.com
                Would make 2 changes.

                """)
        // Nothing is said about the ACL, so nothing is taken from it; nor from the secrets.
        let third = try home.folder.write("scopes: {payments: {redaction: literal}}", to: "third.yaml")
        #expect(try home.hush("plan", third, "--prune") == Outcome(0, output: "Nothing to do.\n"))
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
