import Testing

/// `hush export`, embedded and against a server.
@Suite(.timeLimit(.minutes(10))) struct ExportCommandTests {
    private static func check(in home: Home, environment: [String: String] = [:]) throws {
        let folder = try TestFolder()
        try Transcript(name: "manifests/export").check(
            in: home, environment: environment.merging(["FOLDER": folder.path]) { $1 },
            replacing: [folder.path: "folder"])
    }

    @Test func goldenFile() throws {
        try Self.check(in: Home.withPayments())
    }

    @Test func goldenFileHoldsOverTheWire() throws {
        let remote = try RemoteHome(.withPayments())
        try Self.check(in: remote.away, environment: remote.environment)
    }

    /// Somebody who may not see the permissions of a scope cannot export it, and no file is left.
    @Test func refusalLeavesNoFile() throws {
        let home = try Home.withPayments()
        let remote = try RemoteHome(home)
        let token = try RemoteHome.token(in: home, for: "ana@example.com")
        let folder = try TestFolder()
        let outcome = try remote.process(["export", "payments", "--out", folder.path("m.yaml")], token: token).run()
        #expect(outcome.status == 1 && outcome.errors.contains("MANAGE"), "\(outcome)")
        #expect(throws: (any Error).self) { try folder.bytes(of: "m.yaml") }
    }
}
