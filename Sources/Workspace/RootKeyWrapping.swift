import SecretCrypto
import SecretMemory
import SecretScopes

/// What the key providers have in common: AES-256-GCM, bound to the workspace, the kind of provider and its parameters.
enum RootKeyWrapping {
    static func wrap(
        _ rootKey: SecretBytes,
        under key: SymmetricKey,
        kind: String,
        parameters: [UInt8],
        for workspace: WorkspaceID
    ) throws -> WrappedRootKey {
        let context = context(kind: kind, parameters: parameters, workspace: workspace)
        let sealed = try rootKey.withBytes {
            try AESGCM.seal($0, under: key, additionalData: context.span.bytes)
        }
        return WrappedRootKey(provider: kind, parameters: parameters, sealed: sealed)
    }

    /// The root key, or `nil` when the key is not the one that it was wrapped under or anything was altered.
    static func unwrap(
        _ wrapped: WrappedRootKey, under key: SymmetricKey, for workspace: WorkspaceID, in pool: SecretPool
    ) -> SecretBytes? {
        let context = context(kind: wrapped.provider, parameters: wrapped.parameters, workspace: workspace)
        return try? AESGCM.open(
            wrapped.sealed.span.bytes, under: key, additionalData: context.span.bytes, in: pool)
    }

    /// Throws when the root key was wrapped by another kind of provider.
    static func check(_ wrapped: WrappedRootKey, isOf kind: String) throws(KeyProviderError) {
        guard wrapped.provider != kind else { return }
        let needed =
            switch wrapped.provider {
            case KeyFileProvider.kind: "a key file: name it with --key-file"
            case PassphraseProvider.kind: "a passphrase: enter it, or use --passphrase-fd"
            default: "the key provider \(wrapped.provider), which this program does not know: use a newer hush"
            }
        throw KeyProviderError("This workspace is unlocked with \(needed).")
    }

    /// The additional data; every field but the last has a fixed length or carries it in front.
    private static func context(kind: String, parameters: [UInt8], workspace: WorkspaceID) -> [UInt8] {
        let label = Array("hush/v1/root-key/\(kind)".utf8)
        return [UInt8(label.count)] + label + workspace.bytes + parameters
    }
}
