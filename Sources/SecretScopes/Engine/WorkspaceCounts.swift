/// How much there is in a workspace.
package struct WorkspaceCounts: Sendable, Hashable {
    /// The kind of key provider that unlocks it.
    package var keyProvider: String
    package var scopes: Int
    package var secrets: Int
    package var principals: Int
    package var events: Int64
}

extension ScopeEngine {
    /// Counts what is in the workspace.
    ///
    /// - Throws: ``ScopeError`` when the store cannot be read.
    package func counts() throws -> WorkspaceCounts {
        do {
            return try store.read { reader in
                let scopes = try reader.scopes()
                return WorkspaceCounts(
                    keyProvider: try reader.workspace()?.rootKey.provider ?? "",
                    scopes: scopes.count,
                    secrets: try scopes.reduce(0) { try $0 + reader.secretCount(in: $1.id) },
                    principals: try reader.principals(of: nil).count,
                    events: try reader.head()?.events ?? 0
                )
            }
        } catch {
            throw ScopeError(describing: error)
        }
    }
}
