import SecretMemory
import SecretScopes
import Workspace

/// An external vault, reached by this process.
struct VaultPlace: TransferSource, TransferTarget {
    let vault: VaultConnection
    /// Where it is told that names are left out.
    let errors: TextOutput

    var mostCalls: Int { vault.takesSeveralCalls ? 8 : 1 }

    var title: String { "\(vault.kind.title) \(vault.address)" }

    func names() async throws -> [String] {
        let names = try await vault.names()
        guard names.clashes.isEmpty else {
            throw CommandFailure(
                """
                Nothing was copied. \(title) has secrets whose names differ in case only: \
                \(names.clashes.prefix(20).joined(separator: ", ")). A scope holds one of each: name all that are to be \
                copied by --only.
                """)
        }
        if names.hidden > 0 {
            errors.writeMessage(
                """
                Warning: \(names.hidden) of the names in \(title) can be no keys and are left out. With --option \
                names=escaped some of them can.
                """)
        }
        return names.keys
    }

    func value(of name: String) async throws -> SecretBytes {
        guard let value = try await existingValue(of: name) else {
            throw CommandFailure("\(title) has no secret \(name).")
        }
        return value
    }

    func problem(with name: String) throws -> String? {
        guard let key = SecretName(rawValue: name) else { return "is no key" }
        return try vault.problem(with: key).map { "cannot stand there: \($0)" }
    }

    func existingNames() async throws -> [String]? {
        do throws(ScopeError) {
            return try await vault.names().keys
        } catch  where [.permissionDenied, .malformedRequest].contains(error.code) {
            // It lets nobody list, or not this credential; then each name is looked up.
            return nil
        }
    }

    func existingValue(of name: String) async throws -> SecretBytes? {
        try await vault.value(of: key(name))
    }

    func put(_ value: SecretBytes, as name: String) async throws {
        try await vault.put(value, as: key(name))
    }

    private func key(_ name: String) throws -> SecretName {
        guard let key = SecretName(rawValue: name) else { throw CommandFailure("\(name) is no key.") }
        return key
    }
}
