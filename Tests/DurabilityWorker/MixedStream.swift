import DurabilityHistory
import Glibc
import RepeatableRandomness
import SecretMemory
import SecretScopes
import Synchronization
import Workspace

/// Many callers in one process that do whatever comes to their minds, and tell of it.
final class MixedStream: Sendable {
    private let workspace: Workspace
    private let name: String
    private let seed: UInt64
    private let nextNumber = Atomic(0)

    init(folder: String, keyFile: String, name: String, seed: UInt64) async throws {
        let pool = SecretPool()
        workspace = try await Workspace.open(
            folder, keyProvider: KeyFileProvider(path: keyFile, pool: pool), pool: pool)
        self.name = name
        self.seed = seed
    }

    /// Calls until the process ends.
    func run(callers: Int) async {
        await withTaskGroup(of: Void.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    var random = SeededGenerator(seed: self.seed &+ UInt64(caller))
                    while true { await self.call(&random) }
                }
            }
        }
    }

    private func call(_ random: inout SeededGenerator) async {
        let number = nextNumber.wrappingAdd(1, ordering: .relaxed).oldValue
        let id = CallID(process: name, number: number)
        let action = action(id, &random)
        tell(.called(id, at: now(), action))
        let answer: Answer
        do {
            answer = try await perform(action, id)
        } catch let error as ScopeError where error.code != .temporarilyUnavailable {
            answer = .refused(error.code.name)
        } catch {
            answer = .failed("\(error)")
        }
        tell(.answered(id, at: now(), answer))
    }

    private func action(_ id: CallID, _ random: inout SeededGenerator) -> Action {
        let key = SharedWorkspace.keys.randomElement(using: &random) ?? ""
        let principal = SharedWorkspace.principals.randomElement(using: &random) ?? ""
        let caller = Bool.random(using: &random) ? principal : nil
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<9: return .get(key: key, principal: caller)
        case 9..<14: return .put(key: key, value: "value of \(id)", principal: caller)
        case 14..<15: return .delete(key: key)
        case 15..<18:
            return .grant(principal: principal, permission: Bool.random(using: &random) ? "READ" : "WRITE")
        default: return .revoke(principal: principal)
        }
    }

    private func perform(_ action: Action, _ id: CallID) async throws -> Answer {
        func services(_ principal: String?) throws -> any WorkspaceServices {
            try workspace.services(
                as: principal, runBy: name, origin: RequestOrigin(surface: .library, requestID: "\(id)"))
        }
        let scope = SharedWorkspace.scope
        switch action {
        case .get(let key, let principal):
            let secret = try await services(principal).getSecret(scope: scope, key: key)
            let text = secret.value.withBytes { bytes in
                bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            }
            return .value(text, version: secret.version)
        case .put(let key, let value, let principal):
            let value = SecretBytes(copying: Array(value.utf8).span.bytes, in: workspace.pool)
            try await services(principal).putSecret(PutSecretRequest(scope: scope, key: key, stringValue: value))
        case .delete(let key): try await services(nil).deleteSecret(scope: scope, key: key)
        case .grant(let principal, let permission):
            try await services(nil).putACL(scope: scope, principal: principal, permission: permission)
        case .revoke(let principal): try await services(nil).deleteACL(scope: scope, principal: principal)
        }
        return .done
    }

    /// Writes the whole line at once: one that is shorter than `PIPE_BUF` is never cut by the process's end.
    private func tell(_ line: HistoryLine) {
        let bytes = Array("\(line)\n".utf8)
        if bytes.withUnsafeBytes({ write(STDOUT_FILENO, $0.baseAddress, $0.count) }) != bytes.count { exit(0) }
    }

    private func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
