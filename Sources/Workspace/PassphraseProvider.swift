import SecretCrypto
public import SecretMemory
public import SecretScopes

/// Wraps the root key under a key that scrypt makes of a passphrase.
public struct PassphraseProvider: KeyProvider {
    /// The name under which the store remembers this kind of provider.
    public static let kind = "passphrase"

    /// The fewest bytes of a passphrase for a new workspace.
    public static let fewestBytes = 8

    private let passphrase: SecretBytes
    private let cost: Scrypt.Parameters
    private let random: any RandomSource

    private static let saltCount = 16

    /// Creates a provider. New workspaces get scrypt with N = 2^17, r = 8, p = 1 (128 MiB, about half a second), as
    /// the OWASP password storage cheat sheet recommends.
    public init(passphrase: SecretBytes) {
        self.init(passphrase: passphrase, logCost: 17)
    }

    /// Creates a provider with another cost, N = 2^`logCost`.
    package init(passphrase: SecretBytes, logCost: Int) {
        self.passphrase = passphrase
        self.cost = Scrypt.Parameters(logCost: logCost, blockSize: 8, parallelism: 1)
        self.random = SystemRandomSource()
    }

    /// Wraps the root key under a key made of the passphrase and a new salt.
    public func wrap(_ rootKey: SecretBytes, for workspace: WorkspaceID) async throws -> WrappedRootKey {
        guard passphrase.count >= Self.fewestBytes else {
            throw KeyProviderError("The passphrase is too short. Use at least \(Self.fewestBytes) bytes.")
        }
        var salt = [UInt8](repeating: 0, count: Self.saltCount)
        salt.withUnsafeMutableBytes { random.fill($0) }
        let key = try key(salt: salt, cost: cost, pool: SecretPool())
        let parameters = [UInt8(cost.logCost), UInt8(cost.blockSize), UInt8(cost.parallelism)] + salt
        return try RootKeyWrapping.wrap(rootKey, under: key, kind: Self.kind, parameters: parameters, for: workspace)
    }

    /// Unwraps the root key.
    ///
    /// - Throws: `KeyProviderError` when the passphrase is wrong.
    public func unwrap(
        _ wrapped: WrappedRootKey, for workspace: WorkspaceID, in pool: SecretPool
    ) async throws -> SecretBytes {
        try RootKeyWrapping.check(wrapped, isOf: Self.kind)
        guard wrapped.parameters.count == 3 + Self.saltCount else {
            throw KeyProviderError("The store's key parameters were altered. Restore a backup.")
        }
        let cost = Scrypt.Parameters(
            logCost: Int(wrapped.parameters[0]),
            blockSize: Int(wrapped.parameters[1]),
            parallelism: Int(wrapped.parameters[2])
        )
        let key = try key(salt: Array(wrapped.parameters.dropFirst(3)), cost: cost, pool: pool)
        guard let rootKey = RootKeyWrapping.unwrap(wrapped, under: key, for: workspace, in: pool) else {
            throw KeyProviderError("The passphrase is wrong. Try again.")
        }
        return rootKey
    }

    private func key(salt: [UInt8], cost: Scrypt.Parameters, pool: SecretPool) throws -> SymmetricKey {
        try SymmetricKey(
            Scrypt.derive(
                password: passphrase, salt: salt, parameters: cost, count: SymmetricKey.byteCount, in: pool))
    }
}
