import DatabricksAPI
import Foundation
import ScopeServer
import SecretMemory
import SecretScopes
import Testing
import WorkspaceFixtures

/// The routes that Databricks does not have: who may call them, and that each call is recorded.
@Suite(.timeLimit(.minutes(5))) struct OwnRouteTests {
    private struct Call: CustomTestStringConvertible {
        var method = "GET"
        var path: String
        var body = ""
        var operation: SecretScopes.Operation
        /// Who may call it: `nil` for an administrator alone.
        var permission: Permission?

        var testDescription: String { "\(method) \(path)" }
    }

    private static let calls = [
        Call(path: "secrets/versions?scope=payments&key=api", operation: .listVersions, permission: .read),
        Call(path: "secrets/get?scope=payments&key=api&version=1", operation: .getSecret, permission: .read),
        Call(
            method: "POST", path: "secrets/restore", body: #"{"scope":"payments","key":"api","version":1}"#,
            operation: .restoreVersion, permission: .write),
        Call(
            method: "POST", path: "scopes/set-redaction", body: #"{"scope":"payments","minimum_redaction":"strict"}"#,
            operation: .setScopeRedaction, permission: .manage),
        Call(
            method: "POST", path: "apply",
            body: #"{"changes":[{"change":"set_redaction","scope":"payments","minimum_redaction":"literal","#
                + #""previous":"literal"}]}"#,
            operation: .applyChanges, permission: .manage),
        Call(
            method: "POST", path: "scopes/contents", body: #"{"scopes":[{"scope":"payments","acl":true}]}"#,
            operation: .listACLs, permission: .manage),
        Call(
            method: "POST", path: "scopes/contents", body: #"{"scopes":[{"scope":"payments","secrets":true}]}"#,
            operation: .listSecrets, permission: .read),
        Call(
            method: "POST", path: "secrets/compare",
            body: #"{"scopes":[{"scope":"payments","values":[{"key":"api","bytes_value":"Zmlyc3Q="}]}]}"#,
            operation: .compareSecrets, permission: .read),
        Call(path: "access?scope=payments", operation: .queryAccess, permission: .manage),
        Call(path: "access?scope=payments&principal=ana@example.com", operation: .queryAccess, permission: .manage),
        Call(path: "audit/follow?scope=payments&after=0", operation: .queryEvents, permission: .manage),
        Call(path: "audit/follow", operation: .queryEvents),
        Call(method: "POST", path: "audit/verify", body: "{}", operation: .verifyAudit),
        Call(method: "POST", path: "audit/checkpoint", body: "{}", operation: .createCheckpoint),
    ]

    private func withPayments<Result: Sendable>(
        _ body: @Sendable (TestServer) async throws -> Result
    ) async throws -> Result {
        try await TestServer.serve { server async throws in
            try await server.fixture.makeUsers("ana@example.com")
            try await server.fixture.makeScope("payments", holding: ["api": "first"])
            try await server.fixture.put("second", scope: "payments", key: "api")
            return try await body(server)
        }
    }

    @Test(arguments: calls)
    private func callNeedsItsRightAndIsRecorded(call: Call) async throws {
        try await withPayments { server async throws in
            let ana = try await server.fixture.token(for: "ana@example.com")
            func status(_ token: String?) async throws -> Int {
                let answer = try await server.send(
                    call.method, "/api/2.0/hush/\(call.path)", token: token, body: call.body)
                return answer.status
            }
            let before = try await server.fixture.events(call.operation).count
            #expect(try await status(ana) == 403)
            for permission in [Permission.read, .write, .manage] {
                try await server.fixture.allow("ana@example.com", permission, on: "payments")
                let isEnough = call.permission.map { permission >= $0 } ?? false
                #expect(try await status(ana) == (isEnough ? 200 : 403), "\(permission)")
            }
            #expect(try await status(nil) == 200)
            // Asking for them here leaves one of its own.
            let events = try await server.fixture.events(call.operation).dropFirst(before)
                .filter { $0.channel.surface == .rest }
            #expect(events.count == 5 && events.filter { $0.error != nil }.count >= 1)
        }
    }

    @Test(arguments: [
        ("GET", "secrets/get?scope=payments&key=api&version=x", ""), ("GET", "secrets/get?scope=payments&key=api", ""),
        ("POST", "secrets/restore", #"{"scope":"payments","key":"api","version":"1"}"#),
        ("POST", "secrets/restore", #"{"scope":"payments","key":"api"}"#),
        ("POST", "scopes/set-redaction", #"{"scope":"payments","minimum_redaction":"none"}"#),
        ("GET", "audit/follow?after=-1", ""), ("GET", "audit/follow?wait=31", ""),
        ("POST", "audit/verify", #"{"checkpoint":"hush audit checkpoint v1"}"#),
    ])
    func whatCannotBeMeantIsRefused(method: String, path: String, body: String) async throws {
        try await withPayments { server async throws in
            let answer = try await server.send(method, "/api/2.0/hush/\(path)", body: body)
            #expect(answer.status == 400, "\(answer)")
        }
    }

    @Test func positionBehindTheEndIsTheEnd() async throws {
        try await withPayments { server async throws in
            let answer = try await server.get("/api/2.0/hush/audit/follow?after=\(Int64.max)")
            let end = try await server.fixture.services().events(AuditQuery()).last?.sequence ?? 0
            // The question that found the end is behind it.
            #expect(answer.status == 200 && answer.body.contains("\"last\":\(end - 1)}"), "\(answer) \(end)")
        }
    }

    @Test func followingWaitsForOthersAlone() async throws {
        try await withPayments { server async throws in
            let client = try DatabricksClient(
                host: WorkspaceHost("http://127.0.0.1:\(server.port)"),
                credential: .token(server.fixture.secret(server.administrator)), pool: server.fixture.pool)
            let (_, portions) = try await client.followEvents(AuditQuery())
            var iterator = portions.makeAsyncIterator()
            let known = try #require(try await iterator.next())
            #expect(known.contains { $0.operation == .putSecret })
            let task = Task { try await server.fixture.services().getSecret(scope: "payments", key: "api") }
            _ = try await task.value
            let portion = try #require(try await iterator.next())
            #expect(portion.contains { $0.operation == .getSecret })
            #expect(portion.allSatisfy { event in !known.contains { $0.sequence == event.sequence } })
            // Nothing happens but the question itself, which is told all the same.
            let last = try #require(portion.last?.sequence)
            let answer = try await server.get("/api/2.0/hush/audit/follow?after=\(last)&wait=1")
            #expect(answer.status == 200 && answer.body.contains("queryEvents"), "\(answer)")
        }
    }
}
