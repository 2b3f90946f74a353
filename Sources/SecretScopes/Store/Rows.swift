/// A row that grants or points. Its MAC, under a key derived from the root key, covers its table, its identity and
/// all its columns, so that whoever can write the file but not unwrap the root key can grant nothing.
package protocol AuthenticatedRow: Sendable {
    /// The row's table.
    static var table: RowTable { get }
    /// The row's identity: its ids, the containing ones first.
    var identity: [UInt8] { get }
    /// The name by which messages call the row.
    var label: String { get }
    /// The MAC as it is stored.
    var code: [UInt8] { get set }
    /// The canonical encoding of all columns but the MAC.
    var columns: [UInt8] { get }
}

/// The workspace itself: how its root key is wrapped, and who its local administrator is.
package struct WorkspaceRow: AuthenticatedRow {
    package static let table = RowTable.workspace
    package var id: WorkspaceID
    package var created: Timestamp
    /// Which key provider wrapped the root key, with what it needs to unwrap it.
    package var rootKey: WrappedRootKey
    /// The principal that an embedded command line acts as.
    package var localAdministrator: PrincipalID
    package var code: [UInt8] = []

    package init(
        id: WorkspaceID,
        created: Timestamp,
        rootKey: WrappedRootKey,
        localAdministrator: PrincipalID,
        code: [UInt8] = []
    ) {
        self.id = id
        self.created = created
        self.rootKey = rootKey
        self.localAdministrator = localAdministrator
        self.code = code
    }

    package var identity: [UInt8] { id.bytes }
    package var label: String { "the workspace row" }
    package var columns: [UInt8] {
        var writer = ByteWriter()
        writer.write(created.rawValue)
        writer.write(rootKey.provider)
        writer.write(rootKey.parameters)
        writer.write(rootKey.sealed)
        writer.write(localAdministrator)
        return writer.bytes
    }
}

/// What one generation changed, so that other processes can drop just those entries from their caches.
package struct ChangeRow: AuthenticatedRow {
    package static let table = RowTable.change
    package var generation: Int64
    /// The canonical encoding of the ``CacheInvalidation``s.
    package var entries: [UInt8]
    package var code: [UInt8] = []

    package init(generation: Int64, entries: [UInt8], code: [UInt8] = []) {
        self.generation = generation
        self.entries = entries
        self.code = code
    }

    package var identity: [UInt8] {
        var writer = ByteWriter()
        writer.write(generation)
        return writer.bytes
    }
    package var label: String { "the change log's row of generation \(generation)" }
    package var columns: [UInt8] { entries }
}
