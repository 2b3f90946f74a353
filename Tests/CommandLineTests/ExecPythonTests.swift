import Foundation
import Testing

/// A Python job with the official `databricks-sdk`, unchanged, under `hush exec`.
@Suite struct ExecPythonTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    private func python() throws -> String {
        let path = Self.folder.deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent(".venv/bin/python3").path
        try #require(
            FileManager.default.isExecutableFile(atPath: path),
            "there is no .venv/bin/python3 with the test packages: run `make test`, which sets up .venv"
        )
        return path
    }

    /// Where the job's secrets are.
    enum Place: CaseIterable {
        case embedded
        case server
    }

    /// What a caller's environment may hold: a proxy that must not see the token, and credentials of another workspace
    /// that would confuse the client.
    @Test(arguments: Place.allCases)
    func jobThatUsesTheOfficialClientWorksUnchanged(place: Place) throws {
        let remote = place == .server ? try RemoteHome(.withPayments()) : nil
        let home = try remote?.away ?? Home.withPayments()
        try home.folder.write(
            "[DEFAULT]\nhost = https://elsewhere.example\ntoken = dapi-other\n", to: ".databrickscfg")
        let environment = [
            "HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9",
            "DATABRICKS_CLIENT_ID": "stray", "DATABRICKS_CLIENT_SECRET": "stray", "DATABRICKS_CONFIG_PROFILE": "stray",
            "ARM_CLIENT_ID": "stray",
        ]
        let job = Self.folder.appendingPathComponent("job.py").path
        let host = remote.map { ["--host", $0.server.url, "--token", $0.token] } ?? []
        let outcome = try home.process(
            ["exec", "--as", "ana@example.com"] + host + ["--", try python(), job], environment
        ).run()
        #expect(
            outcome
                == Outcome(
                    0,
                    output: """
                        auth type: pat
                        me: ana@example.com
                        value: [REDACTED]
                        length: 13
                        bytes: True
                        keys: ['api-key']
                        stray: None None
                        proxy: http://127.0.0.1:9
                        missing: RESOURCE_DOES_NOT_EXIST
                        writing: PERMISSION_DENIED

                        """))
        let reads = try (remote?.home ?? home).succeed("audit", "events", "--action", "getSecret", "-o", "json")
            .split(separator: "\n")
        let client = place == .server ? "hush/" : "databricks-sdk-py/"
        #expect(reads.count == 3 && reads.allSatisfy { $0.contains(client) && $0.contains("ana@") })
    }
}
