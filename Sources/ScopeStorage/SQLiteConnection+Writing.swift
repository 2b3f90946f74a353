import GRDB
import GRDBSQLite
import SecretScopes

extension SQLiteConnection: StoreTransaction {
    var isActive: Bool { database.isInsideTransaction }

    func savepoint<Result>(_ body: () throws -> Result) throws -> Result {
        try execute("SAVEPOINT item")
        do {
            let result = try body()
            try execute("RELEASE item")
            return result
        } catch {
            let failure = StoreError.classified(error, path: path)
            guard isActive else { throw failure }
            do {
                try execute("ROLLBACK TO item")
                try execute("RELEASE item")
            } catch {
                // A transaction with half of the item in it must not go on.
                try database.rollback()
            }
            throw failure
        }
    }

    /// The database's path.
    private var path: String {
        sqlite3_db_filename(database.sqliteConnection, nil).map { String(cString: $0) } ?? ""
    }

    /// Whether nothing was ever created in the database.
    func isEmpty() throws -> Bool {
        let tables = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM sqlite_master")
        let application = try Int.fetchOne(database, sql: "PRAGMA application_id")
        let format = try Int.fetchOne(database, sql: "PRAGMA user_version")
        return tables == 0 && application == 0 && format == 0
    }

    /// Creates the tables in an empty database.
    func createSchema() throws {
        try database.execute(sql: Schema.statements(format: Schema.formatVersion))
        try database.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
        try database.execute(sql: "PRAGMA user_version = \(Schema.formatVersion)")
    }

    /// Brings the store to this program's format, unless another process did meanwhile.
    func migrate() throws {
        let format = try Schema.format(of: database)
        guard format < Schema.formatVersion else { return }
        try database.execute(sql: Schema.migration(from: format))
    }

    /// Runs a statement that is compiled once per connection.
    func execute(_ sql: String, _ arguments: [DatabaseValue] = []) throws {
        try CompiledStatement(sql, in: database).run(arguments)
    }

    // MARK: Workspace and scopes

    func save(_ row: WorkspaceRow) throws {
        try execute(
            "INSERT OR REPLACE INTO workspace VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                row.id.blob, row.created.rawValue.databaseValue, row.rootKey.provider.databaseValue,
                row.rootKey.parameters.blob, row.rootKey.sealed.blob, row.localAdministrator.blob, row.code.blob,
            ]
        )
    }

    func save(_ row: ScopeRow) throws {
        // An upsert, because REPLACE would delete the row and with it everything that refers to it.
        try execute(
            """
            INSERT INTO scope (id, folded_name, name, backend, created, creator, sealed_data_key, settings, mac)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET folded_name = excluded.folded_name, name = excluded.name,
                backend = excluded.backend, created = excluded.created, creator = excluded.creator,
                sealed_data_key = excluded.sealed_data_key, settings = excluded.settings, mac = excluded.mac
            """,
            [
                row.id.blob, row.name.lowercased().databaseValue, row.name.databaseValue,
                row.backend.rawValue.databaseValue, row.created.rawValue.databaseValue, row.creator.blob,
                row.sealedDataKey.blob, row.settings.blob, row.code.blob,
            ]
        )
    }

    func delete(_ scope: ScopeID) throws {
        try execute("DELETE FROM scope WHERE id = ?", [scope.blob])
    }

    func save(_ row: GrantRow) throws {
        try execute(
            "INSERT OR REPLACE INTO acl (scope_id, principal_id, permission, mac) VALUES (?, ?, ?, ?)",
            [row.scope.blob, row.principal.blob, row.permission.rawValue.databaseValue, row.code.blob]
        )
    }

    func deleteGrant(scope: ScopeID, principal: PrincipalID) throws {
        try execute("DELETE FROM acl WHERE scope_id = ? AND principal_id = ?", [scope.blob, principal.blob])
    }

    // MARK: Secrets

    func save(_ row: SecretRow) throws {
        try execute(
            """
            INSERT INTO secret (id, scope_id, folded_name, name, current_version, version_number, updated, mac)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET current_version = excluded.current_version,
                version_number = excluded.version_number, updated = excluded.updated, mac = excluded.mac
            """,
            [
                row.id.blob, row.scope.blob, row.name.lowercased().databaseValue, row.name.databaseValue,
                row.currentVersion.blob, row.versionNumber.databaseValue, row.updated.rawValue.databaseValue,
                row.code.blob,
            ]
        )
    }

    func delete(_ secret: SecretID) throws {
        try execute("DELETE FROM secret WHERE id = ?", [secret.blob])
    }

    func insert(_ row: VersionRow) throws {
        try execute(
            "INSERT INTO version (id, scope_id, secret_id, number, created, sealed) VALUES (?, ?, ?, ?, ?, ?)",
            [
                row.id.blob, row.scope.blob, row.secret.blob, row.number.databaseValue,
                row.created.rawValue.databaseValue, row.sealed.blob,
            ]
        )
    }

    func delete(_ version: VersionID) throws {
        try execute("DELETE FROM version WHERE id = ?", [version.blob])
    }

    // MARK: Identity

    func save(_ row: PrincipalRow) throws {
        try execute(
            """
            INSERT INTO principal (id, kind, folded_name, name, display_name, is_active, created, mac)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, folded_name = excluded.folded_name,
                name = excluded.name, display_name = excluded.display_name, is_active = excluded.is_active,
                created = excluded.created, mac = excluded.mac
            """,
            [
                row.id.blob, row.kind.rawValue.databaseValue, row.name.lowercased().databaseValue,
                row.name.databaseValue, row.displayName.databaseValue, (row.isActive ? 1 : 0).databaseValue,
                row.created.rawValue.databaseValue, row.code.blob,
            ]
        )
    }

    func delete(_ principal: PrincipalID) throws {
        try execute("DELETE FROM principal WHERE id = ?", [principal.blob])
    }

    func save(_ row: MembershipRow) throws {
        try execute(
            "INSERT OR REPLACE INTO membership (group_id, member_id, mac) VALUES (?, ?, ?)",
            [row.group.blob, row.member.blob, row.code.blob]
        )
    }

    func deleteMembership(group: PrincipalID, member: PrincipalID) throws {
        try execute("DELETE FROM membership WHERE group_id = ? AND member_id = ?", [group.blob, member.blob])
    }

    func save(_ row: CredentialRow) throws {
        try execute(
            """
            INSERT INTO credential (id, kind, principal_id, operations, token_hash, created, creator, run_by,
                expires, comment, mac)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET comment = excluded.comment, mac = excluded.mac
            """,
            [
                row.id.blob, row.kind.rawValue.databaseValue, row.principal.blob,
                Int64(bitPattern: row.operations.rawValue).databaseValue, row.tokenHash.blob,
                row.created.rawValue.databaseValue, row.creator.blob, row.runBy.databaseValue,
                row.expires?.rawValue.databaseValue ?? .null, row.comment.databaseValue, row.code.blob,
            ]
        )
    }

    func saveLastUse(of credential: CredentialID, on day: Timestamp) throws {
        // Whoever showed it may have been refused because it is gone.
        try execute(
            """
            INSERT INTO credential_use (credential_id, day) SELECT id, ? FROM credential WHERE id = ?
            ON CONFLICT (credential_id) DO UPDATE SET day = max(day, excluded.day)
            """,
            [day.rawValue.databaseValue, credential.blob]
        )
    }

    func delete(_ credential: CredentialID) throws {
        try execute("DELETE FROM credential WHERE id = ?", [credential.blob])
    }

    // MARK: The audit record

    func save(_ row: HeadRow) throws {
        try execute(
            "INSERT OR REPLACE INTO head (id, events, hash, generation, key_epoch, time, terms, mac) "
                + "VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
            [
                row.events.databaseValue, row.hash.blob, row.generation.databaseValue, row.keyEpoch.databaseValue,
                row.time.rawValue.databaseValue, row.terms.databaseValue, row.code.blob,
            ]
        )
    }

    func insert(_ row: AuditKeyRow) throws {
        try execute(
            "INSERT INTO audit_key (epoch, sealed_key, sealed_signing_seed) VALUES (?, ?, ?)",
            [row.epoch.databaseValue, row.sealedKey.blob, row.sealedSigningSeed.blob]
        )
    }

    func insert(_ row: ChangeRow, oldestKept: Int64) throws {
        try execute(
            "INSERT INTO change (generation, entries, mac) VALUES (?, ?, ?)",
            [row.generation.databaseValue, row.entries.blob, row.code.blob]
        )
        try execute("DELETE FROM change WHERE generation < ?", [oldestKept.databaseValue])
    }

    func insert(_ row: EventRow) throws {
        do {
            try CompiledStatement("INSERT INTO event (sequence, subject, link, body) VALUES (?, ?, ?, ?)", in: database)
                .run(row)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw StoreError(.conflict, "There is an event \(row.sequence) already.")
        }
    }

    func insert(_ row: TermRow) throws {
        try execute(
            "INSERT INTO term (id, kind, lookup, body) VALUES (?, ?, ?, ?)",
            [
                row.id.databaseValue, row.kind.rawValue.databaseValue, row.lookup?.databaseValue ?? .null,
                row.body.blob,
            ]
        )
    }

    func add(_ row: ReadSummaryRow) throws {
        try execute(
            """
            INSERT INTO read_summary (subject, actor, channel, reads, refusals, first, last)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (subject, actor, channel) DO UPDATE SET reads = reads + excluded.reads,
                refusals = refusals + excluded.refusals, last = excluded.last
            """,
            [
                row.subject.databaseValue, row.actor.databaseValue, row.channel.databaseValue,
                row.reads.databaseValue, row.refusals.databaseValue, row.first.rawValue.databaseValue,
                row.last.rawValue.databaseValue,
            ]
        )
    }
}
