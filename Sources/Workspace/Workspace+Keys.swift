import ScopeStorage
public import SecretScopes

extension Workspace {
    /// Unlocks the workspace by `provider` from now on; what it was unlocked by before opens it no more.
    ///
    /// The root key itself stays the same, so backups made before still open with what they opened with.
    ///
    /// - Throws: `ScopeError` or `KeyProviderError`; then nothing has changed.
    public func changeKeyProvider(to provider: any KeyProvider, runBy: String, origin: RequestOrigin) async throws {
        do {
            try await engine.changeRootKeyWrapping(
                to: provider, by: engine.localCaller(as: nil, runBy: runBy, origin: origin))
        } catch {
            throw Self.answer(for: error)
        }
        // The old form must not stay behind in the log. When others are reading just now, it goes a little later.
        try? store.emptyLog()
    }
}
