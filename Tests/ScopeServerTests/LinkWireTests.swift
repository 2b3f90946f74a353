import Foundation
import SecretScopes
import Synchronization
import TestPrograms
import Testing
import Workspace
import WorkspaceFixtures

@testable import DatabricksAPI
@testable import ScopeServer

/// Linked scopes behind a server.
@Suite(.timeLimit(.minutes(2))) struct LinkWireTests {
    /// Runs `body` beside a server whose scope `theirs` is linked to a workspace.
    private func serve(
        _ options: [String: String] = [:], scope: String = "app", metrics: ServerMetrics = ServerMetrics(),
        _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        let vault = try await VaultServer("databricks_workspace.py")
        let token = vault.announcement["token"] ?? ""
        // However busy the machine is.
        let usual = ["endpoint": "http://127.0.0.1:\(vault.port)", "timeout": "60s"]
        try await TestServer.serve(
            metrics: metrics, vaults: LinkSettings(hosts: ["127.0.0.1", "workspace.example.com"])
        ) {
            server async throws in
            try await server.makeScope("ops")
            try await server.put(token, scope: "ops", key: "token")
            try await server.fixture.services().linkScope(
                LinkScopeRequest(
                    scope: "theirs", address: "databricks://workspace.example.com/\(scope)",
                    options: usual.merging(options) { $1 }, credential: "{{secrets/ops/token}}"))
            try await body(server)
        }
    }

    /// Rows 68 and 69 of the checklist, and others of the vaults' failures, as clients see them.
    @Test(arguments: [
        ("db-password", "200"), ("absent", "404 RESOURCE_DOES_NOT_EXIST"), ("forbidden", "403 PERMISSION_DENIED"),
        ("unauthorized", "403 PERMISSION_DENIED"), ("teapot", "400 MALFORMED_REQUEST"),
        ("in-clusters-only", "400 MALFORMED_REQUEST"), ("invalid", "400 INVALID_PARAMETER_VALUE"),
        ("state", "400 INVALID_STATE"), ("lost", "500 DATA_LOSS"), ("not-json", "400 INVALID_STATE"),
    ])
    func everyFailureHasItsStatusAndCode(key: String, outcome: String) async throws {
        try await serve { server async throws in
            #expect(try await server.ask("get?scope=theirs&key=\(key)").outcome == outcome)
        }
    }

    @Test func aWritableLinkToAScopeThatIsOnlyReadThereAnswersBADREQUEST() async throws {
        try await serve(["writable": "true"], scope: "azure") { server async throws in
            let put = try await server.call("put", ["scope": "theirs", "key": "new", "string_value": "x"])
            #expect(put.outcome == "400 BAD_REQUEST")
            let delete = try await server.call("delete", ["scope": "theirs", "key": "db-password"])
            #expect(delete.outcome == "400 BAD_REQUEST")
        }
    }

    @Test(arguments: [
        ("throttled-later", "429 REQUEST_LIMIT_EXCEEDED", "60"),
        ("unavailable-later", "503 TEMPORARILY_UNAVAILABLE", "45"),
        ("unavailable-always", "503 TEMPORARILY_UNAVAILABLE", "1"),
    ])
    func thePauseThatAVaultAsksForReachesTheClient(key: String, outcome: String, pause: String) async throws {
        // Less patience than the pause that the vault asks for, so that it is not waited for.
        try await serve(["timeout": "9s"]) { server async throws in
            let answer = try await server.ask("get?scope=theirs&key=\(key)")
            #expect(answer.outcome == outcome)
            #expect(answer.headers["retry-after"] == pause)
        }
    }

    @Test func otherFailuresTellNoPause() async throws {
        try await serve { server async throws in
            let answer = try await server.ask("get?scope=theirs&key=late")
            #expect(answer.outcome == "504 DEADLINE_EXCEEDED")
            #expect(answer.headers["retry-after"] == nil)
        }
    }

    @Test func metricsCountCallsOfVaultsAndKeptValuesAndNameNothing() async throws {
        let fixture = Mutex<TemporaryWorkspace?>(nil)
        let metrics = ServerMetrics { fixture.withLock { $0?.workspace.figures ?? EngineFigures() } }
        try await serve(["cache": "1h"], metrics: metrics) { server async throws in
            fixture.withLock { $0 = server.fixture }
            for _ in 0..<3 { _ = try await server.ask("get?scope=theirs&key=db-password") }
            _ = try await server.ask("get?scope=theirs&key=forbidden")
            _ = try await server.ask("list?scope=theirs")
            let text = try await RawHTTP.send("GET", "/metrics", port: server.port).body
            let lines = text.split(separator: "\n").map(String.init)
            let calls = "hush_vault_calls_total{vault=\"databricks\","
            #expect(lines.contains(calls + "operation=\"get\",outcome=\"ok\"} 1"))
            #expect(lines.contains(calls + "operation=\"get\",outcome=\"denied\"} 1"))
            #expect(lines.contains(calls + "operation=\"list\",outcome=\"ok\"} 1"))
            #expect(lines.contains("hush_vault_call_duration_seconds_bucket{vault=\"databricks\",le=\"+Inf\"} 3"))
            #expect(lines.contains("hush_vault_call_duration_seconds_count{vault=\"databricks\"} 3"))
            #expect(lines.contains("hush_vault_cache_hits_total{vault=\"databricks\"} 2"))
            for name in ["theirs", "db-password", "forbidden", "workspace.example.com", "127.0.0.1"] {
                #expect(!text.contains(name), "\(name)")
            }
        }
    }
}
