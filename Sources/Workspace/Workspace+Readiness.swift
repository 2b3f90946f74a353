import SecretScopes

extension Workspace {
    /// Checks that the store can be read and the audit record can be written.
    ///
    /// - Throws: `ScopeError` with the reason.
    public func checkReadiness() async throws {
        try await engine.checkReadiness()
    }
}
