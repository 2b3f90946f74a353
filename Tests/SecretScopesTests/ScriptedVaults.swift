import SecretMemory
import SecretScopes
import Synchronization

/// Vaults that do what a test says, to see what the engine makes of it. What real vaults do is tested where they are.
final class ScriptedVaults: LinkedVaults {
    private struct State {
        var values: [String: String] = ["db": "hunter2"]
        var calls: [String] = []
        var validations = 0
        var minimumRedaction = MinimumRedaction.literal
    }

    private let pool = SecretPool()
    private let state = Mutex(State())
    /// What happens during a call, between the decision and the record.
    private let meanwhile: Mutex<(@Sendable (LinkAccess) async throws -> Void)?> = Mutex(nil)

    /// What was asked for, in order.
    var calls: [String] { state.withLock { $0.calls } }

    /// How many links were looked at.
    var validations: Int { state.withLock { $0.validations } }

    /// Lets something happen during the next call.
    func during(_ body: @escaping @Sendable (LinkAccess) async throws -> Void) {
        meanwhile.withLock { $0 = body }
    }

    /// Lets the vault say how far its values are to be redacted.
    func setMinimumRedaction(_ level: MinimumRedaction) {
        state.withLock { $0.minimumRedaction = level }
    }

    func validate(_ request: LinkScopeRequest) throws(ScopeError) -> ValidatedLink {
        state.withLock { $0.validations += 1 }
        guard request.address.hasPrefix("vault://") else {
            throw ScopeError(.invalidParameterValue, "not an address")
        }
        return ValidatedLink(
            kind: .vault, address: request.address, options: request.options,
            credential: request.credential.flatMap { LinkCredential($0) },
            authority: String(request.address.dropFirst(8).prefix { $0 != "/" }),
            isWritable: request.options["writable"] == "true",
            usesMachine: request.credential?.hasPrefix("{{") != true)
    }

    private func call(_ name: String, _ access: LinkAccess) async throws(ScopeError) {
        state.withLock { $0.calls.append(name) }
        let body = meanwhile.withLock { body in
            defer { body = nil }
            return body
        }
        do {
            try await body?(access)
        } catch let error as ScopeError {
            throw error
        } catch {
            throw ScopeError(.internalError, "\(error)")
        }
    }

    func read(_ key: SecretName, through access: LinkAccess) async throws(ScopeError) -> LinkedSecret {
        try await call("read \(key)", access)
        guard let value = state.withLock({ $0.values[key.folded] }) else {
            throw ScopeError(.resourceDoesNotExist, "no such secret")
        }
        return LinkedSecret(
            key: key.folded, value: secret(value), version: "v7",
            minimumRedaction: state.withLock { $0.minimumRedaction })
    }

    func list(through access: LinkAccess) async throws(ScopeError) -> [LinkedEntry] {
        try await call("list", access)
        return state.withLock { $0.values.keys.sorted().map { LinkedEntry(key: $0, updated: nil) } }
    }

    func put(
        _ value: SecretBytes, as key: SecretName, through access: LinkAccess
    ) async throws(ScopeError) -> String? {
        try await call("put \(key)", access)
        guard access.link.options["writable"] == "true" else { throw ScopeError(.badRequest, "read-only") }
        let text = value.withBytes { $0.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
        state.withLock { $0.values[key.folded] = text }
        return "v8"
    }

    func delete(_ key: SecretName, through access: LinkAccess) async throws(ScopeError) {
        try await call("delete \(key)", access)
        _ = state.withLock { $0.values.removeValue(forKey: key.folded) }
    }

    func check(through access: LinkAccess) async -> [LinkCheckStep] {
        [LinkCheckStep(name: "list", detail: "1 name", succeeded: true)]
    }

    func forget(_ scope: ScopeID) {}

    var figures: VaultFigures { VaultFigures() }

    private func secret(_ text: String) -> SecretBytes {
        SecretBytes(copying: Array(text.utf8).span.bytes, in: pool)
    }
}
