import Foundation
import SecretMemory
import SecretScopes
import Workspace

/// Audited reads and writes in process: each of them is durable in the audit record before it returns.
enum EngineBenchmark {
    private static let scope = "payments"
    private static let keys = (0..<10).map { "key-\($0)" }

    static func measure() async throws -> [Measurement] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hush-bench-\(UUID().uuidString)")
            .path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let pool = SecretPool()
        let workspace = try await Workspace.create(
            in: folder,
            keyProvider: KeyFileProvider(path: folder + "/root.key", pool: pool),
            administrator: "bench",
            runBy: "bench",
            pool: pool
        )
        let secrets = try workspace.secrets()
        let value = SecretBytes(copying: Array("tok_live_51Hbenchmarkbenchmarkbe".utf8).span.bytes, in: pool)
        try await secrets.createScope(CreateScopeRequest(scope: scope))
        for key in keys {
            try await secrets.putSecret(PutSecretRequest(scope: scope, key: key, stringValue: value))
        }
        return [
            try await .best("audited get, 1 caller", count: 500) {
                for number in 0..<500 { _ = try await secrets.getSecret(scope: scope, key: keys[number % 10]) }
            },
            try await .best("audited get, 64 callers", count: 64_000) {
                try await concurrently(callers: 64, each: 1000) { caller, number in
                    _ = try await secrets.getSecret(scope: scope, key: keys[(caller + number) % 10])
                }
            },
            try await .best("put, 1 caller", count: 200) {
                for number in 0..<200 {
                    try await secrets.putSecret(
                        PutSecretRequest(scope: scope, key: keys[number % 10], stringValue: value))
                }
            },
            try await .best("put, 64 callers", count: 6400) {
                try await concurrently(callers: 64, each: 100) { caller, number in
                    try await secrets.putSecret(
                        PutSecretRequest(scope: scope, key: keys[(caller + number) % 10], stringValue: value))
                }
            },
        ]
    }

    private static func concurrently(
        callers: Int, each: Int, _ body: @escaping @Sendable (Int, Int) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    for number in 0..<each { try await body(caller, number) }
                }
            }
            try await group.waitForAll()
        }
    }
}
