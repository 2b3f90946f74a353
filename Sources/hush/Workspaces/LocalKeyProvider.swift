import SecretMemory
import SecretScopes
import Workspace

/// What unlocks a workspace when no option says it: the key file where it lies as a rule, or the passphrase, which is
/// asked for only when the store turns out to need one.
struct LocalKeyProvider: KeyProvider {
    static let kind = KeyFileProvider.kind

    let keyFile: KeyFileProvider
    let prompt: PassphrasePrompt

    /// Makes the key file.
    func wrap(_ rootKey: SecretBytes, for workspace: WorkspaceID) async throws -> WrappedRootKey {
        try await keyFile.wrap(rootKey, for: workspace)
    }

    func unwrap(
        _ wrapped: WrappedRootKey, for workspace: WorkspaceID, in pool: SecretPool
    ) async throws -> SecretBytes {
        guard wrapped.provider == PassphraseProvider.kind else {
            return try await keyFile.unwrap(wrapped, for: workspace, in: pool)
        }
        let passphrase = PassphraseProvider(passphrase: try prompt.ask("Passphrase"))
        return try await passphrase.unwrap(wrapped, for: workspace, in: pool)
    }
}
