import Foundation
import ScopeServer
import SecretScopes
import Testing
import WorkspaceFixtures

/// The legacy command line, which knows no port: it needs a server on port 443, with a certificate that it trusts.
@Suite struct LegacyWireTests {
    /// An address of this machine that is this process's own, so that several may listen on port 443.
    private static let host = "127.\(getpid() >> 16 & 0x3F | 0x40).\(getpid() >> 8 & 0xFF).\(getpid() & 0xFF)"

    @Test("Row 101: the legacy command line prints its tables")
    func tables() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hush-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        _ = try await PythonScript.run("certificates.py", arguments: [folder.path, Self.host])
        let identity = try TLSIdentity(
            certificatePath: folder.appendingPathComponent("server.pem").path,
            keyPath: folder.appendingPathComponent("server.key").path
        )
        do {
            try await TestServer.serve(host: Self.host, port: 443, identity: identity) { server in
                try await server.fixture.makeUsers("ana@example.com")
                let output = try await PythonScript.run(
                    "legacy.py",
                    arguments: [
                        "https://\(Self.host)", server.administrator,
                        folder.appendingPathComponent("authority.pem").path,
                        "ana@example.com",
                    ]
                )
                #expect(output == "as expected\n")
            }
        } catch let error as ScopeError where error.code == .temporarilyUnavailable {
            Issue.record(
                """
                Port 443 of \(Self.host) could not be bound (\(error.message)). This test needs it, since the legacy \
                command line drops the port from the host: run it as root, or allow everybody to bind low ports with \
                sysctl net.ipv4.ip_unprivileged_port_start=443.
                """)
        }
    }
}
