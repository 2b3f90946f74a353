import SecretScopes
import Testing
import WorkspaceFixtures

@Suite struct OfficialClientTests {
    @Test func everyCallOfTheOfficialClientWorks() async throws {
        try await TestServer.run { server in
            _ = try await server.fixture.services().createPrincipal(kind: .user, name: "ana@example.com")
            let output = try await PythonScript.run(
                "administrator.py",
                arguments: ["http://127.0.0.1:\(server.port)", server.administrator, "ana@example.com"]
            )
            #expect(output == "all as expected\n")
        }
    }
}
