import SecretScopes
import Testing
import WorkspaceFixtures

@Suite struct LoadTests {
    /// 32 threads of the official client write, read, grant and take back at once. The script checks that no read
    /// succeeded that began after its permission's end was acknowledged, and none was refused between.
    @Test func changesAreInForceWhenTheyWereAcknowledged() async throws {
        try await TestServer.serve { server in
            var users: [String] = []
            try await server.makeScope("shared")
            for number in 0..<8 {
                users.append(try await server.user("\(number)@example.com"))
                try await server.makeScope("user-\(number)")
                try await server.put("v", scope: "user-\(number)", key: "k")
            }
            let output = try await PythonScript.run(
                "load.py", arguments: ["http://127.0.0.1:\(server.port)", server.administrator] + users)
            // Every acknowledged write is there, every refusal is recorded, and the record is intact.
            for number in 0..<16 {
                let value = try await server.ask("get?scope=shared&key=k\(number)").value
                #expect(value.map { String(decoding: $0, as: UTF8.self) } == "\(number) 11")
            }
            let refused = try await server.events(.getSecret).count { $0.statusCode == 403 }
            #expect("\(refused)\n" == output)
            let verification = try await server.fixture.services().verify(against: nil) { _, _ in }
            #expect(verification.problems.isEmpty)
        }
    }
}
