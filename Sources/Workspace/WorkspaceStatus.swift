import Glibc
public import SecretMemory
public import SecretScopes

/// What `hush status` tells of a workspace.
public struct WorkspaceStatus: Sendable, Hashable {
    /// The workspace's id.
    public var id: WorkspaceID
    /// The store's path.
    public var storePath: String
    /// The size of the store's files, in bytes.
    public var storeBytes: Int64
    /// The kind of key provider that unlocks it.
    public var keyProvider: String
    /// How many scopes there are.
    public var scopes: Int
    /// How many secrets there are.
    public var secrets: Int
    /// How many principals there are, groups included.
    public var principals: Int
    /// How many events the audit record holds.
    public var events: Int64
    /// What the kernel granted for secret memory.
    public var memory: SecretPool.Report
}

extension Workspace {
    /// Looks at the workspace as a whole. Names nothing in it and is therefore not recorded.
    ///
    /// - Throws: `ScopeError` when the store cannot be read.
    public func status() throws -> WorkspaceStatus {
        let counts = try engine.counts()
        let path = Workspace.storePath(in: folder)
        return WorkspaceStatus(
            id: id,
            storePath: path,
            storeBytes: size(of: path) + size(of: path + "-wal"),
            keyProvider: counts.keyProvider,
            scopes: counts.scopes,
            secrets: counts.secrets,
            principals: counts.principals,
            events: counts.events,
            memory: pool.report
        )
    }

    private func size(of path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }
}
