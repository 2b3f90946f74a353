import GRDB
import SecretMemory
import SecretScopes
import Workspace

/// A small store and a few calls on it, of every kind, during which something fails.
struct FaultyMorning: Sendable {
    /// The store's files before the calls.
    let files: [String: [UInt8]]
    let keyFile: String

    /// Makes the store; its key file lies in `root`.
    init(in root: TestFolder) async throws {
        keyFile = root.path + "/root.key"
        let folder = root.path + "/base"
        try await Self.make(folder, keyFile)
        files = try TestFolder.files(in: folder)
    }

    private static func make(_ folder: String, _ keyFile: String) async throws {
        let pool = SecretPool()
        let workspace = try await Workspace.create(
            in: folder,
            keyProvider: KeyFileProvider(path: keyFile, pool: pool),
            administrator: "root@example.com",
            runBy: "tester",
            pool: pool
        )
        let services = try workspace.services(runBy: "tester", origin: RequestOrigin(surface: .library))
        try await services.createScope(CreateScopeRequest(scope: "payments"))
        for name in ["ana@example.com", "eve@example.com"] {
            _ = try await services.createPrincipal(kind: .user, name: name)
        }
        try await services.putACL(scope: "payments", principal: "ana@example.com", permission: "READ")
        let value = SecretBytes(copying: [1].span.bytes, in: pool)
        for key in ["first", "second"] {
            try await services.putSecret(PutSecretRequest(scope: "payments", key: key, stringValue: value))
        }
        // Into the database file, so that the calls begin with an empty log.
        let queue = try DatabaseQueue(path: Workspace.storePath(in: folder))
        try await queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try queue.close()
    }

    /// Makes the calls. Every answer is in the ledger.
    func run(_ caller: RecordingCaller) async {
        await caller.put("payments", "first", size: 100)
        await caller.get("payments", "first", as: "ana@example.com")
        await caller.get("payments", "second", as: "eve@example.com")
        await caller.put("payments", "third", size: 9000)
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<6 {
                group.addTask {
                    if index.isMultiple(of: 2) {
                        await caller.put("payments", "shared-\(index)", size: 500)
                    } else {
                        await caller.get("payments", "second", as: index == 1 ? "eve@example.com" : "ana@example.com")
                    }
                }
            }
        }
        await checkpoint(caller.workspace.folder)
        await caller.call { services, _ in
            try await services.deleteACL(scope: "payments", principal: "ana@example.com")
            return nil
        }
        await caller.get("payments", "first", as: "ana@example.com")
        await caller.call { services, _ in
            try await services.deleteSecret(scope: "payments", key: "second")
            return nil
        }
        await caller.put("payments", "first")
    }

    /// What SQLite does by itself from time to time; it may fail.
    private func checkpoint(_ folder: String) async {
        guard let queue = try? DatabaseQueue(path: Workspace.storePath(in: folder)) else { return }
        _ = try? await queue.writeWithoutTransaction { try $0.checkpoint(.passive) }
        try? queue.close()
    }
}
