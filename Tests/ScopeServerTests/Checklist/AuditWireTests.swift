import Foundation
import SecretScopes
import Testing
import WorkspaceFixtures

/// The rows of the checklist that are about the audit record: what a call over HTTP leaves there.
@Suite struct AuditWireTests {
    /// Runs `body` beside a server that has the scope `payments` with one secret, and the user `ana@example.com`, whose
    /// token is handed in.
    private func run(_ body: @Sendable (TestServer, String) async throws -> Void) async throws {
        try await TestServer.run { server in
            try await server.makeScope("payments")
            try await server.put("tok_live_5f2a", scope: "payments", key: "api-key")
            try await body(server, server.user("ana@example.com"))
        }
    }

    @Test("Row 97: a read is recorded with service, scope, key, status 200 and where it came from")
    func granted() async throws {
        try await run { server, ana in
            try await server.allow("ana@example.com", "READ", on: "payments")
            let answer = try await server.send(
                "GET", "/api/2.0/secrets/get?scope=payments&key=api-key", token: ana,
                headers: ["User-Agent: databricks-sdk-py/0.162.0", "X-Request-Id: request-1"])
            #expect(answer.outcome == "200")
            let events = try await server.events(.getSecret)
            let event = try #require(events.first)
            #expect(events.count == 1)
            #expect(event.operation.serviceName == "secrets" && event.operation.actionName == "getSecret")
            #expect(event.subject.scope == "payments" && event.subject.key == "api-key")
            #expect(event.statusCode == 200 && event.error == nil && event.actor.name == "ana@example.com")
            #expect(event.channel.surface == .rest && event.origin.address == "127.0.0.1")
            #expect(event.origin.userAgent == "databricks-sdk-py/0.162.0" && event.requestID == "request-1")
            #expect(event.origin.credential != nil)
            #expect(!"\(event)".contains("tok_live") && !"\(event)".contains(ana))
        }
    }

    @Test("Row 98: a refused read is recorded with the status and the message of its answer")
    func refused() async throws {
        try await run { server, ana in
            for (query, token, outcome) in [
                ("scope=payments&key=api-key", ana, "403 PERMISSION_DENIED"),
                ("scope=payments&key=nope", server.administrator, "404 RESOURCE_DOES_NOT_EXIST"),
                ("scope=nope&key=nope", ana, "404 RESOURCE_DOES_NOT_EXIST"),
                ("scope=payments&key=a+b", ana, "400 INVALID_PARAMETER_VALUE"),
                ("scope=payments", ana, "400 INVALID_PARAMETER_VALUE"),
                ("scope=payments&scope=payments&key=api-key", ana, "400 MALFORMED_REQUEST"),
            ] {
                let before = try await server.events(.getSecret).count
                let answer = try await server.ask("get?" + query, token: token)
                #expect(answer.outcome == outcome)
                let events = try await server.events(.getSecret)
                #expect(events.count == before + 1, "\(query)")
                #expect(events.last?.statusCode == answer.status, "\(query)")
                #expect(events.last?.error?.message == answer.message, "\(query)")
                #expect(events.last.map { "\($0)".contains("tok_live") } == false)
            }
        }
    }

    @Test("Row 99: a put is recorded without its value, done or refused, also when its body cannot be read")
    func put() async throws {
        try await run { server, ana in
            let bodies = [
                (#"{"scope":"payments","key":"k","string_value":"hunter2hunter2"}"#, server.administrator, 200),
                (#"{"scope":"payments","key":"k","bytes_value":"aHVudGVyMmh1bnRlcjI="}"#, server.administrator, 200),
                (#"{"scope":"payments","key":"k","string_value":"hunter2hunter2"}"#, ana, 403),
                (#"{"scope":"hunter2hunter2!","key":"k","string_value":"v"}"#, ana, 400),
                (#"{"scope":"payments","key":"k","string_value":["hunter2hunter2"]}"#, ana, 400),
                (#"{"scope":"payments","key":"k","string_value":"hunter2hunter2"#, ana, 400),
            ]
            for (body, token, status) in bodies {
                let answer = try await server.post("/api/2.0/secrets/put", body, token: token)
                #expect(answer.status == status, "\(answer)")
                #expect(!answer.body.contains("hunter2"))
                let event = try #require(try await server.events(.putSecret).last)
                #expect(event.statusCode == status && event.parameters.isEmpty)
                #expect(!"\(event)".contains("hunter2") && !"\(event)".contains("aHVudGVyMmh1"))
            }
            #expect(try await server.events(.putSecret).count == bodies.count + 1)
        }
    }
}
