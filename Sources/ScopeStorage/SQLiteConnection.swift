import GRDB
import SecretScopes

/// Reads rows through one connection; inside a write transaction it also writes them.
struct SQLiteConnection: StoreReader {
    let database: Database

    /// The rows of a query that is compiled once per connection.
    func rows<Value>(
        _ sql: String, _ arguments: [DatabaseValue] = [], _ make: (Row) throws -> Value
    ) throws -> [Value] {
        var values: [Value] = []
        do {
            try CompiledStatement(sql, in: database).run(arguments) { values.append(try make($0)) }
        } catch is DamagedColumn {
            throw StoreError(
                .damaged,
                "A row of the table \(Self.table(in: sql)) was altered outside Hush. Run `hush verify` and restore a "
                    + "backup."
            )
        }
        return values
    }

    private static func table(in sql: String) -> Substring {
        let words = sql.split(whereSeparator: \.isWhitespace)
        guard let from = words.firstIndex(of: "FROM") else { return "" }
        return words[from + 1]
    }

    /// The first row of a query.
    func row<Value>(
        _ sql: String, _ arguments: [DatabaseValue] = [], _ make: (Row) throws -> Value
    ) throws -> Value? {
        try rows(sql, arguments, make).first
    }

    // MARK: Workspace

    func workspace() throws -> WorkspaceRow? {
        guard try count("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'workspace'") == 1 else {
            return nil
        }
        return try row(
            """
            SELECT id, created, provider, provider_parameters, sealed_root_key, local_administrator, mac
            FROM workspace LIMIT 1
            """
        ) { row in
            WorkspaceRow(
                id: try row.identifier(0),
                created: try row.timestamp(1),
                rootKey: WrappedRootKey(
                    provider: try row.text(2), parameters: try row.bytes(3), sealed: try row.bytes(4)),
                localAdministrator: try row.identifier(5),
                code: try row.bytes(6)
            )
        }
    }

    // MARK: Scopes and ACLs

    private static let scopeColumns = "id, name, backend, created, creator, sealed_data_key, settings, mac"

    private func makeScope(_ row: Row) throws -> ScopeRow {
        ScopeRow(
            id: try row.identifier(0),
            name: try row.text(1),
            backend: try row.choice(2),
            created: try row.timestamp(3),
            creator: try row.identifier(4),
            sealedDataKey: try row.bytes(5),
            settings: try row.bytes(6),
            code: try row.bytes(7)
        )
    }

    func scope(named foldedName: String) throws -> ScopeRow? {
        try row(
            "SELECT \(Self.scopeColumns) FROM scope WHERE folded_name = ?", [foldedName.databaseValue], makeScope)
    }

    func scopes() throws -> [ScopeRow] {
        try rows("SELECT \(Self.scopeColumns) FROM scope ORDER BY folded_name", [], makeScope)
    }

    func scopeCount() throws -> Int {
        try count("SELECT COUNT(*) FROM scope")
    }

    private static let grantColumns = "scope_id, principal_id, permission, mac"

    private func makeGrant(_ row: Row) throws -> GrantRow {
        GrantRow(
            scope: try row.identifier(0),
            principal: try row.identifier(1),
            permission: try row.choice(2),
            code: try row.bytes(3)
        )
    }

    func grants(on scope: ScopeID) throws -> [GrantRow] {
        try rows("SELECT \(Self.grantColumns) FROM acl WHERE scope_id = ?", [scope.blob], makeGrant)
    }

    func grants(to principal: PrincipalID) throws -> [GrantRow] {
        try rows("SELECT \(Self.grantColumns) FROM acl WHERE principal_id = ?", [principal.blob], makeGrant)
    }

    func grants() throws -> [GrantRow] {
        try rows("SELECT \(Self.grantColumns) FROM acl", [], makeGrant)
    }

    // MARK: Secrets

    private static let secretColumns = "id, scope_id, name, current_version, version_number, updated, mac"

    private func makeSecret(_ row: Row) throws -> SecretRow {
        SecretRow(
            id: try row.identifier(0),
            scope: try row.identifier(1),
            name: try row.text(2),
            currentVersion: try row.identifier(3),
            versionNumber: try row.integer(4),
            updated: try row.timestamp(5),
            code: try row.bytes(6)
        )
    }

    func secret(named foldedName: String, in scope: ScopeID) throws -> SecretRow? {
        try row(
            "SELECT \(Self.secretColumns) FROM secret WHERE scope_id = ? AND folded_name = ?",
            [scope.blob, foldedName.databaseValue],
            makeSecret
        )
    }

    func secrets(in scope: ScopeID) throws -> [SecretRow] {
        try rows(
            "SELECT \(Self.secretColumns) FROM secret WHERE scope_id = ? ORDER BY folded_name",
            [scope.blob],
            makeSecret
        )
    }

    func secretCount(in scope: ScopeID) throws -> Int {
        try count("SELECT COUNT(*) FROM secret WHERE scope_id = ?", [scope.blob])
    }

    private static let versionColumns = "id, scope_id, secret_id, number, created, sealed"

    private func makeVersion(_ row: Row) throws -> VersionRow {
        try makeVersion(row, from: 0)
    }

    private func makeVersion(_ row: Row, from column: Int) throws -> VersionRow {
        VersionRow(
            id: try row.identifier(column),
            scope: try row.identifier(column + 1),
            secret: try row.identifier(column + 2),
            number: try row.integer(column + 3),
            created: try row.timestamp(column + 4),
            sealed: try row.bytes(column + 5)
        )
    }

    func forEachCurrentVersion(in scope: ScopeID, _ body: (SecretRow, VersionRow) throws -> Void) throws {
        func columns(_ table: String, _ names: String) -> String {
            names.split(separator: ", ").map { "\(table).\($0)" }.joined(separator: ", ")
        }
        // A secret whose version is missing must not be taken for none.
        _ = try rows(
            """
            SELECT \(columns("s", Self.secretColumns)), \(columns("v", Self.versionColumns)) \
            FROM secret s LEFT JOIN version v ON v.id = s.current_version WHERE s.scope_id = ?
            """,
            [scope.blob]
        ) { row in try body(makeSecret(row), makeVersion(row, from: 7)) }
    }

    func version(_ id: VersionID) throws -> VersionRow? {
        try row("SELECT \(Self.versionColumns) FROM version WHERE id = ?", [id.blob], makeVersion)
    }

    func version(_ number: Int64, of secret: SecretID) throws -> VersionRow? {
        try row(
            "SELECT \(Self.versionColumns) FROM version WHERE secret_id = ? AND number = ?",
            [secret.blob, number.databaseValue],
            makeVersion
        )
    }

    func versions(of secret: SecretID) throws -> [VersionRow] {
        try rows(
            "SELECT \(Self.versionColumns) FROM version WHERE secret_id = ? ORDER BY number",
            [secret.blob],
            makeVersion
        )
    }

    func versionIDs(of secret: SecretID) throws -> [VersionID] {
        try rows("SELECT id FROM version WHERE secret_id = ? ORDER BY number", [secret.blob]) { row in
            try row.identifier(0)
        }
    }

    // MARK: All of them

    func rowCount() throws -> Int64 {
        let tables = ["workspace", "principal", "membership", "credential", "scope", "acl", "secret", "version"]
        return try tables.reduce(0) { try $0 + Int64(count("SELECT COUNT(*) FROM \($1)")) }
    }

    func misfiledRows() throws -> [String] {
        // Names are ASCII, which is what lower() of SQLite folds.
        try ["principal", "scope", "secret"].flatMap { table in
            try rows("SELECT id FROM \(table) WHERE folded_name != lower(name)") { row in
                "\(table) \(try row.identifier(0) as Identifier<IdentifierSubject.Secret>)"
            }
        }
    }

    func count(_ sql: String, _ arguments: [DatabaseValue] = []) throws -> Int {
        Int(try row(sql, arguments) { try $0.integer(0) } ?? 0)
    }
}
