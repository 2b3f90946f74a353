import Foundation
import Testing

/// `hush template`, embedded and against a server.
@Suite(.timeLimit(.minutes(10))) struct TemplateCommandTests {
    private static let files = [
        "app.conf.in": """
        user = app
        key = "{{secrets/payments/api-key}}"
        again = {{secrets/payments/api-key}}{{ .Values.other }}
        last = {{{secrets/PAYMENTS/API-KEY}}}

        """,
        "missing.in": "{{secrets/payments/api-key}}\n  {{secrets/payments/none}}\n",
        "denied.in": "{{secrets/payments/api-key}}\n",
        "ambiguous.in": "{{secrets/pay/ments/key}}\n",
        "misspelt.in": "a: {{ secrets/payments/api-key }}\n",
    ]

    private static func home() throws -> Home {
        let home = try Home.withPayments()
        try home.succeed("users", "create", "bob@example.com")
        try home.succeed("secrets", "create-scope", "pay")
        try home.succeed("secrets", "create-scope", "pay/ments")
        return home
    }

    private static func check(in home: Home, environment: [String: String] = [:]) throws {
        let folder = try TestFolder()
        for (file, text) in files { try folder.write(text, to: file) }
        try Transcript(name: "manifests/template").check(
            in: home, environment: environment.merging(["FOLDER": folder.path]) { $1 },
            replacing: [folder.path: "folder"])
    }

    @Test func goldenFile() throws {
        try Self.check(in: Self.home())
    }

    @Test func goldenFileHoldsOverTheWire() throws {
        let remote = try RemoteHome(Self.home())
        try Self.check(in: remote.away, environment: remote.environment)
    }

    /// Each secret is read once, as whom the options say, with the reason.
    @Test func readsAreRecordedWithTheirReason() throws {
        let home = try Self.home()
        let file = try home.folder.write(Self.files["app.conf.in"] ?? "", to: "app.conf.in")
        let outcome = try home.hush("template", file, "--as", "ana@example.com")
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        let events = try home.succeed(
            "audit", "events", "--action", "getSecret", "--principal", "ana@example.com", "-o", "json")
        #expect(events.split(separator: "\n").filter { $0.contains("getSecret") }.count == 2, "\(events)")
        #expect(events.contains("\"reason\":\"template\""), "\(events)")
    }

    /// Links are not followed, and what is no file is not replaced.
    @Test func onlyFilesAreReplaced() throws {
        let home = try Self.home()
        let file = try home.folder.write("{{secrets/payments/api-key}}", to: "in")
        let other = try home.folder.write("other", to: "other")
        try FileManager.default.createSymbolicLink(atPath: home.folder.path("link"), withDestinationPath: other)
        for target in [home.folder.path("link"), home.folder.path, "/dev/null"] {
            let outcome = try home.hush("template", file, "--out", target, "--force")
            #expect(
                outcome == Outcome(1, errors: "Error: The file \(target) is no file. Choose another name.\n"))
        }
        #expect(try home.folder.bytes(of: "other") == Array("other".utf8))
        // Nothing is left beside it, whether it is new or takes the place of another.
        let folder = home.folder.path("out")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        try home.succeed("template", file, "--out", folder + "/app.conf")
        try home.succeed("template", file, "--out", folder + "/app.conf", "--force")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["app.conf"])
        let mode = try FileManager.default.attributesOfItem(atPath: folder + "/app.conf")[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let missing = home.folder.path("none/new")
        #expect(try home.hush("template", file, "--out", missing).status == 1)
    }
}
