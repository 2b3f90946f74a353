import GRDB
import SecretScopes

/// The database's structure.
///
/// ```
/// workspace    one row: id, wrapped root key, local administrator                              MAC
/// audit_key    one row an epoch: sealed audit key, sealed signing seed
/// head         one row: events, hash, generation, key epoch, time, terms                       MAC (audit key)
/// principal    users, groups, service principals                                               MAC
/// membership   group, member                                                                   MAC
/// credential   tokens by their SHA-256                                                         MAC
/// credential_use  the day of a token's last use, which grants nothing (from format 2 on)
/// scope        name, sealed data key                                                           MAC
/// acl          scope, principal, permission                                                    MAC
/// secret       scope, name, current version                                                    MAC
/// version      secret, number, sealed value (bound to its place by its additional data)
/// change       one row a generation: what caches must drop                                     MAC
/// event        sequence, subject, first bytes of the hash, canonical bytes
/// term         what many events say alike, once
/// read_summary reads and refusals per subject, actor and channel
/// ```
///
/// Names are found by their folded form. Ids are 16 random bytes. Times are milliseconds since 1970.
enum Schema {
    /// Marks the file as a Hush store ("Hush" in ASCII), in SQLite's `application_id`.
    static let applicationID: Int32 = 0x4875_7368
    /// The format that this program writes, in SQLite's `user_version`.
    static let formatVersion: Int32 = 2

    /// What each format adds to the one before it.
    private static let additions: [(format: Int32, statements: String)] = [
        (
            2,
            """
            CREATE TABLE credential_use (
                credential_id BLOB PRIMARY KEY NOT NULL REFERENCES credential (id) ON DELETE CASCADE,
                day INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            """
        )
    ]

    /// The statements that make a store of `format`.
    static func statements(format: Int32) -> String {
        ([first] + additions.filter { $0.format <= format }.map(\.statements)).joined(separator: "\n")
    }

    /// The statements that make a store of this program's format out of one of an older `format`.
    static func migration(from format: Int32) -> String {
        (additions.filter { $0.format > format }.map(\.statements) + ["PRAGMA user_version = \(formatVersion);"])
            .joined(separator: "\n")
    }

    /// The format of a store.
    static func format(of database: Database) throws -> Int32 {
        try Int32.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    }

    /// Throws unless the database is a store of a format that this program knows.
    static func checkFormat(of database: Database, at path: String) throws {
        let application = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let format = try format(of: database)
        guard application == applicationID, format >= 1 else {
            throw StoreError(.damaged, "\(path) is not a Hush store. Restore a backup, or name another one.")
        }
        guard format <= formatVersion else {
            throw StoreError(
                .newerFormat,
                "The store at \(path) has format \(format); this program knows formats up to \(formatVersion). "
                    + "Use a newer hush."
            )
        }
    }

    private static let first = """
        CREATE TABLE workspace (
            id BLOB PRIMARY KEY NOT NULL,
            created INTEGER NOT NULL,
            provider TEXT NOT NULL,
            provider_parameters BLOB NOT NULL,
            sealed_root_key BLOB NOT NULL,
            local_administrator BLOB NOT NULL,
            mac BLOB NOT NULL
        ) STRICT;
        CREATE TABLE audit_key (
            epoch INTEGER PRIMARY KEY NOT NULL,
            sealed_key BLOB NOT NULL,
            sealed_signing_seed BLOB NOT NULL
        ) STRICT;
        CREATE TABLE head (
            id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
            events INTEGER NOT NULL,
            hash BLOB NOT NULL,
            generation INTEGER NOT NULL,
            key_epoch INTEGER NOT NULL,
            time INTEGER NOT NULL,
            terms INTEGER NOT NULL,
            mac BLOB NOT NULL
        ) STRICT;
        CREATE TABLE principal (
            id BLOB PRIMARY KEY NOT NULL,
            kind INTEGER NOT NULL,
            folded_name TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            display_name TEXT NOT NULL,
            is_active INTEGER NOT NULL,
            created INTEGER NOT NULL,
            mac BLOB NOT NULL
        ) STRICT;
        CREATE TABLE membership (
            group_id BLOB NOT NULL REFERENCES principal (id),
            member_id BLOB NOT NULL REFERENCES principal (id),
            mac BLOB NOT NULL,
            PRIMARY KEY (group_id, member_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX membership_member ON membership (member_id);
        CREATE TABLE credential (
            id BLOB PRIMARY KEY NOT NULL,
            kind INTEGER NOT NULL,
            principal_id BLOB NOT NULL REFERENCES principal (id),
            operations INTEGER NOT NULL,
            token_hash BLOB NOT NULL UNIQUE,
            created INTEGER NOT NULL,
            creator BLOB NOT NULL,
            run_by TEXT NOT NULL,
            expires INTEGER,
            comment TEXT NOT NULL,
            mac BLOB NOT NULL
        ) STRICT;
        CREATE INDEX credential_principal ON credential (principal_id);
        CREATE TABLE scope (
            id BLOB PRIMARY KEY NOT NULL,
            folded_name TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            backend INTEGER NOT NULL,
            created INTEGER NOT NULL,
            creator BLOB NOT NULL,
            sealed_data_key BLOB NOT NULL,
            settings BLOB NOT NULL,
            mac BLOB NOT NULL
        ) STRICT;
        CREATE TABLE acl (
            scope_id BLOB NOT NULL REFERENCES scope (id) ON DELETE CASCADE,
            principal_id BLOB NOT NULL REFERENCES principal (id),
            permission INTEGER NOT NULL,
            mac BLOB NOT NULL,
            PRIMARY KEY (scope_id, principal_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX acl_principal ON acl (principal_id);
        CREATE TABLE secret (
            id BLOB PRIMARY KEY NOT NULL,
            scope_id BLOB NOT NULL REFERENCES scope (id) ON DELETE CASCADE,
            folded_name TEXT NOT NULL,
            name TEXT NOT NULL,
            current_version BLOB NOT NULL,
            version_number INTEGER NOT NULL,
            updated INTEGER NOT NULL,
            mac BLOB NOT NULL,
            UNIQUE (scope_id, folded_name)
        ) STRICT;
        CREATE TABLE version (
            id BLOB PRIMARY KEY NOT NULL,
            scope_id BLOB NOT NULL,
            secret_id BLOB NOT NULL REFERENCES secret (id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            created INTEGER NOT NULL,
            sealed BLOB NOT NULL,
            UNIQUE (secret_id, number)
        ) STRICT;
        CREATE TABLE change (
            generation INTEGER PRIMARY KEY NOT NULL,
            entries BLOB NOT NULL,
            mac BLOB NOT NULL
        ) STRICT;
        CREATE TABLE event (
            sequence INTEGER PRIMARY KEY NOT NULL,
            subject INTEGER NOT NULL,
            link INTEGER NOT NULL,
            body BLOB NOT NULL
        ) STRICT;
        CREATE INDEX event_subject ON event (subject) WHERE subject > 0;
        CREATE TABLE term (
            id INTEGER PRIMARY KEY NOT NULL,
            kind INTEGER NOT NULL,
            lookup TEXT,
            body BLOB NOT NULL,
            UNIQUE (kind, body)
        ) STRICT;
        CREATE INDEX term_lookup ON term (kind, lookup) WHERE lookup IS NOT NULL;
        CREATE TABLE read_summary (
            subject INTEGER NOT NULL,
            actor INTEGER NOT NULL,
            channel INTEGER NOT NULL,
            reads INTEGER NOT NULL,
            refusals INTEGER NOT NULL,
            first INTEGER NOT NULL,
            last INTEGER NOT NULL,
            PRIMARY KEY (subject, actor, channel)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX read_summary_actor ON read_summary (actor);
        """
}
