import GRDB
import SecretMemory
import SecretScopes
import Workspace

/// A day in the life of a small workspace, from its making on: every kind of change, refusals, many callers at once,
/// checkpoints of the log and a restart in between.
struct ScriptedDay {
    let folder: String
    let keyFile: String
    let watch: FileWatch
    let ledger = CallLedger()
    /// Whether the disk does what it says.
    var syncsInTheAfternoon = true
    /// Instead of all that: so many large values one after the other, until SQLite itself moves the log into the database.
    var largeValues = 0

    private func caller(_ workspace: Workspace) -> RecordingCaller {
        RecordingCaller(workspace: workspace, ledger: ledger, watch: watch)
    }

    /// Lives through the day.
    func run() async throws {
        guard largeValues == 0 else {
            let caller = caller(try await makeWorkspace())
            await createScope("payments", caller)
            for _ in 0..<largeValues { await caller.put("payments", "large", size: 131_072) }
            await caller.get("payments", "large")
            return
        }
        try await morning()
        if !syncsInTheAfternoon { watch.ignoreSyncs() }
        // The workspace is closed in between: the last connection moves the log into the database and deletes it.
        let pool = SecretPool()
        let workspace = try await Workspace.open(
            folder, keyProvider: KeyFileProvider(path: keyFile, pool: pool), pool: pool)
        try await afternoon(caller(workspace))
    }

    private func makeWorkspace() async throws -> Workspace {
        let pool = SecretPool()
        let (number, _) = ledger.begin()
        watch.mark(RecordingCaller.calledMark(number))
        let workspace = try await Workspace.create(
            in: folder,
            keyProvider: KeyFileProvider(path: keyFile, pool: pool),
            administrator: "root@example.com",
            runBy: "tester",
            pool: pool
        )
        watch.mark(RecordingCaller.answeredMark(number))
        ledger.finish(number, .granted)
        return workspace
    }

    private func morning() async throws {
        let caller = caller(try await makeWorkspace())
        await makeScopesAndPeople(caller)
        await putAndRead(caller)
        try await checkpoint("PASSIVE")
        await manyAtOnce(caller)
        try await checkpoint("RESTART")
        await changeRights(caller)
    }

    private func afternoon(_ caller: RecordingCaller) async throws {
        await overwrite(caller)
        try await checkpoint("PASSIVE")
        await manyAtOnce(caller)
        try await checkpoint("TRUNCATE")
        await delete(caller)
        await manyAtOnce(caller)
    }

    // MARK: What happens

    private func makeScopesAndPeople(_ caller: RecordingCaller) async {
        for scope in ["payments", "Logs/Europe", "empty"] { await createScope(scope, caller) }
        for name in ["ana@example.com", "bob@example.com", "eve@example.com"] {
            await caller.call { services, _ in try await services.createPrincipal(kind: .user, name: name).name }
        }
        await caller.call { services, _ in try await services.createPrincipal(kind: .group, name: "analysts").name }
        await caller.call { services, _ in
            try await services.addGroupMember("ana@example.com", to: "analysts")
            return nil
        }
        // Refused: there is one.
        await createScope("PAYMENTS", caller)
    }

    private func createScope(_ name: String, _ caller: RecordingCaller) async {
        await caller.call { services, _ in
            try await services.createScope(CreateScopeRequest(scope: name))
            return nil
        }
    }

    private func putAndRead(_ caller: RecordingCaller) async {
        await caller.put("payments", "api-key")
        await caller.put("payments", "database", size: 300)
        await caller.put("Logs/Europe", "certificate", size: 9000)
        await grant(caller, "analysts", "READ", on: "payments")
        await grant(caller, "bob@example.com", "WRITE", on: "Logs/Europe")
        await caller.get("payments", "api-key")
        await caller.get("payments", "api-key", as: "ana@example.com")
        await caller.get("payments", "api-key", as: "eve@example.com")
        await caller.get("payments", "missing")
        await caller.put("payments", "api-key", as: "ana@example.com")
        await caller.put("Logs/Europe", "token", as: "bob@example.com")
        await caller.put("not a scope", "token")
    }

    /// So many at once that they share transactions: changes, reads and refusals side by side.
    private func manyAtOnce(_ caller: RecordingCaller) async {
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<12 {
                group.addTask {
                    switch index % 4 {
                    case 0: await caller.put("payments", "shared-\(index)", size: 40 * index)
                    case 1: await caller.get("payments", "api-key", as: "ana@example.com")
                    case 2: await caller.get("payments", "database", as: "eve@example.com")
                    default: await caller.put("Logs/Europe", "shared", as: "bob@example.com")
                    }
                }
            }
        }
    }

    private func changeRights(_ caller: RecordingCaller) async {
        await grant(caller, "analysts", "WRITE", on: "payments")
        await grant(caller, "eve@example.com", "MANAGE", on: "empty")
        await grant(caller, "nobody@example.com", "READ", on: "payments")
        await caller.call { services, _ in
            try await services.deleteACL(scope: "payments", principal: "analysts")
            return nil
        }
        await caller.get("payments", "api-key", as: "ana@example.com")
        await grant(caller, "users", "READ", on: "payments")
        await caller.get("payments", "api-key", as: "ana@example.com")
        for name in ["ana@example.com", "eve@example.com"] {
            await caller.call(as: name) { services, _ in
                let request = CreateTokenRequest(
                    kind: .personalAccessToken, operations: .readingInRun, lifetime: .seconds(3600), comment: "day")
                let token = try await services.createToken(request)
                return token.id.description
            }
        }
        if let id = ledger.calls.last?.returned.flatMap({ CredentialID($0) }) {
            await caller.call { services, _ in
                try await services.revokeToken(id)
                return nil
            }
        }
    }

    private func overwrite(_ caller: RecordingCaller) async {
        // More than the versions that are kept.
        for size in [0, 10, 5000, 20, 30, 40, 4000, 50, 60, 70, 80] {
            await caller.put("payments", "database", size: size)
        }
        await caller.get("payments", "database")
    }

    private func delete(_ caller: RecordingCaller) async {
        await caller.call { services, _ in
            try await services.deleteSecret(scope: "payments", key: "database")
            return nil
        }
        await caller.get("payments", "database")
        await caller.put("payments", "database", size: 100)
        await caller.call { services, _ in
            try await services.removeGroupMember("ana@example.com", from: "analysts")
            return nil
        }
        await caller.call { services, _ in
            try await services.deleteScope("Logs/Europe")
            return nil
        }
        // With a token and a grant.
        await caller.call { services, _ in
            try await services.deletePrincipal(kind: .user, name: "ana@example.com")
            return nil
        }
        await caller.call { services, _ in try await services.createPrincipal(kind: .user, name: "ana@example.com").name
        }
        await createScope("Logs/Europe", caller)
        for size in [2000, 6000, 200, 20_000] { await caller.put("Logs/Europe", "certificate", size: size) }
        for index in 0..<6 { await caller.put("empty", "key-\(index)", size: 100 * index, as: "eve@example.com") }
        await caller.call { services, _ in try await services.createCheckpoint().text }
    }

    private func grant(_ caller: RecordingCaller, _ principal: String, _ permission: String, on scope: String) async {
        await caller.call { services, _ in
            try await services.putACL(scope: scope, principal: principal, permission: permission)
            return nil
        }
    }

    /// Moves the log into the database, as another program would that has the store open.
    private func checkpoint(_ mode: String) async throws {
        let queue = try DatabaseQueue(path: Workspace.storePath(in: folder))
        try await queue.writeWithoutTransaction { database in
            _ = try Row.fetchAll(database, sql: "PRAGMA wal_checkpoint(\(mode))")
        }
        try queue.close()
    }
}
