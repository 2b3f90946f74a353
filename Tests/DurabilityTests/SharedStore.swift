import DurabilityHistory
import SecretMemory
import Workspace

@testable import SecretScopes

/// A workspace that workers share: one scope, and principals without any permission on it.
final class SharedStore {
    let root: TestFolder
    var folder: String { root.path + "/home" }
    var keyFile: String { root.path + "/root.key" }

    init() async throws {
        root = try TestFolder()
        let pool = SecretPool()
        let workspace = try await Workspace.create(
            in: root.path + "/home",
            keyProvider: KeyFileProvider(path: root.path + "/root.key", pool: pool),
            administrator: "root@example.com",
            runBy: "tester",
            pool: pool
        )
        let services = try workspace.services(runBy: "tester", origin: RequestOrigin(surface: .library))
        try await services.createScope(CreateScopeRequest(scope: SharedWorkspace.scope))
        for name in SharedWorkspace.principals { _ = try await services.createPrincipal(kind: .user, name: name) }
    }

    func worker(_ number: Int, seed: UInt64, callers: Int = 6) throws -> WorkerProcess {
        let name = "w\(number)"
        return try WorkerProcess(
            name: name, arguments: ["stream", folder, keyFile, name, "\(seed)", "\(callers)"])
    }

    /// The record of the workers' calls, what is in the store now, and what `verify` finds.
    func result() async throws -> (record: [RecordedCall], values: [String: CurrentValue], problems: [String]) {
        let pool = SecretPool()
        let workspace = try await Workspace.open(
            folder, keyProvider: KeyFileProvider(path: keyFile, pool: pool), pool: pool)
        let events = try StoreContents.events(workspace)
        let contents = try StoreContents.read(workspace)
        let services = try workspace.services(runBy: "checker", origin: RequestOrigin(surface: .library))
        var problems = try await services.verify(against: nil) { _, _ in }.problems
        var codes: RowCodes = [:]
        for event in events { codes.replay(event) }
        if codes != contents.codes { problems.append("the tables are not what the record says") }
        var values: [String: CurrentValue] = [:]
        for secret in try await services.listSecrets(scope: SharedWorkspace.scope) {
            let value = try await services.getSecret(scope: SharedWorkspace.scope, key: secret.key)
            let text = value.value.withBytes { bytes in
                bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            }
            values[secret.key] = CurrentValue(version: value.version, value: text)
        }
        return (events.compactMap { RecordedCall($0) }, values, problems)
    }
}

extension RecordedCall {
    /// The call that an event is of; `nil` when it is of none of the workers'.
    fileprivate init?(_ event: AuditEvent) {
        guard let id = event.requestID?.split(separator: "-"), id.count == 2, let number = Int(id[1]) else {
            return nil
        }
        self.init(
            id: CallID(process: String(id[0]), number: number),
            refusal: event.error?.code.name,
            version: event.version?.number
        )
    }
}
