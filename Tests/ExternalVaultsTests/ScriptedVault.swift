import SecretMemory
import SecretScopes
import Synchronization

@testable import ExternalVaults

/// A vault in memory that fails when it is told to. What real vaults do is tested against doubles of them.
final class ScriptedVault: Vault {
    private struct State {
        var values: [String: String]
        var failure: VaultFailure?
        var calls: [String] = []
        var gate: [CheckedContinuation<Void, Never>] = []
        var isHeld = false
    }

    let capabilities = VaultCapabilities(largestValue: 100)
    let nameRules: NameRules
    private let state: Mutex<State>
    private let expires: Timestamp?

    init(
        _ values: [String: String],
        rules: NameRules = NameRules(punctuation: "-_./", longest: 80),
        expires: Timestamp? = nil
    ) {
        self.state = Mutex(State(values: values))
        self.nameRules = rules
        self.expires = expires
    }

    var calls: [String] { state.withLock { $0.calls } }

    func fail(_ failure: VaultFailure?) { state.withLock { $0.failure = failure } }

    func set(_ name: String, _ value: String) { state.withLock { $0.values[name] = value } }

    /// Makes calls wait until ``release()``.
    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        let waiting = state.withLock { state in
            state.isHeld = false
            defer { state.gate = [] }
            return state.gate
        }
        for continuation in waiting { continuation.resume() }
    }

    private func note(_ call: String) async throws(VaultFailure) {
        state.withLock { $0.calls.append(call) }
        await withCheckedContinuation { continuation in
            let isHeld = state.withLock { state in
                if state.isHeld { state.gate.append(continuation) }
                return state.isHeld
            }
            if !isHeld { continuation.resume() }
        }
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    func get(_ name: String, _ call: VaultCall) async throws(VaultFailure) -> VaultSecret {
        try await note("get \(name)")
        guard let value = state.withLock({ $0.values[name] }) else { throw VaultFailure(.notFound) }
        return VaultSecret(value: VaultFixture.secret(value), version: "1", expires: expires)
    }

    func list(prefix: String, _ call: VaultCall) async throws(VaultFailure) -> [VaultEntry] {
        try await note("list \(prefix)")
        return state.withLock { $0.values.keys.sorted().map { VaultEntry(name: $0) } }
    }

    func put(_ value: SecretBytes, as name: String, _ call: VaultCall) async throws(VaultFailure) -> String? {
        try await note("put \(name)")
        set(name, VaultFixture.text(value))
        return "2"
    }

    func delete(_ name: String, _ call: VaultCall) async throws(VaultFailure) {
        try await note("delete \(name)")
        _ = state.withLock { $0.values.removeValue(forKey: name) }
    }
}
