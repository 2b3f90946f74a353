import SecretCrypto
import Workspace

@testable import SecretScopes

/// Names a row that carries a MAC or a ciphertext bound to its place.
struct RowKey: Hashable, Sendable {
    var table: RowTable
    var identity: [UInt8]
}

/// The codes of all such rows, by which an audit event's effects name them.
typealias RowCodes = [RowKey: [UInt8]]

/// What is in a store: its audit record, and the tables that the record tells of.
struct StoreContents: Sendable {
    /// How many events there are, as the head says.
    var head: Int64 = 0
    var rows: [EventRow] = []
    var codes: RowCodes = [:]

    /// Reads an open workspace's store in one snapshot.
    static func read(_ workspace: Workspace) throws -> StoreContents {
        try workspace.engine.store.read { reader in
            var contents = StoreContents()
            contents.head = try reader.head()?.events ?? 0
            contents.rows = try reader.events(from: 1, limit: Int.max)
            if let workspace = try reader.workspace() { contents.note([workspace]) }
            contents.note(try reader.principals(of: nil))
            contents.note(try reader.memberships())
            contents.note(try reader.credentials())
            contents.note(try reader.grants())
            for scope in try reader.scopes() {
                contents.note([scope])
                for secret in try reader.secrets(in: scope.id) {
                    contents.note([secret])
                    for version in try reader.versions(of: secret.id) {
                        let key = RowKey(table: .version, identity: version.identity)
                        contents.codes[key] = SHA256.hash(version.sealed.span.bytes).bytes
                    }
                }
            }
            return contents
        }
    }

    private mutating func note<Row: AuthenticatedRow>(_ rows: [Row]) {
        for row in rows { codes[RowKey(table: Row.table, identity: row.identity)] = row.code }
    }

    /// The events, each as a caller sees it.
    static func events(_ workspace: Workspace) throws -> [AuditEvent] {
        try workspace.engine.store.read { reader in
            try reader.events(from: 1, limit: Int.max).map { try EventReader(reader).event($0) }
        }
    }
}

extension RowCodes {
    /// Does what the event says was done.
    mutating func replay(_ event: AuditEvent) {
        for effect in event.effects {
            let key = RowKey(table: effect.table, identity: effect.row)
            if let code = effect.code {
                self[key] = code
            } else {
                delete(key)
            }
        }
    }

    /// Deletes a row with everything below it.
    private mutating func delete(_ key: RowKey) {
        self[key] = nil
        let below: Set<RowTable> =
            switch key.table {
            case .scope: [.grant, .secret, .version]
            case .secret: [.version]
            default: []
            }
        guard !below.isEmpty else { return }
        for known in keys where below.contains(known.table) && known.identity.starts(with: key.identity) {
            self[known] = nil
        }
    }
}
