import GRDB

extension SQLiteConnection {
    func structureProblems() throws -> [String] {
        try foreignParts() + damagedTables()
    }

    /// Tables, indexes, triggers and views that are not those of the schema. A trigger, for one, would act on every
    /// change.
    private func foreignParts() throws -> [String] {
        // A backup may have an older format, and is never migrated itself.
        let format = try Schema.format(of: database)
        let model = try DatabaseQueue()
        let expected = try model.write { database in
            try database.execute(sql: Schema.statements(format: format))
            return try SQLiteConnection(database: database).parts()
        }
        let present = try parts()
        let foreign = present.filter { expected[$0.key] != $0.value }.keys
        let missing = expected.keys.filter { present[$0] == nil }
        return foreign.sorted().map { "the \($0) of the store was not made by Hush, or was altered" }
            + missing.sorted().map { "the \($0) of the store is missing" }
    }

    /// What the database is made of: the statement that makes it by kind and name, such as `table acl`.
    private func parts() throws -> [String: String] {
        // Indexes that SQLite makes itself have no statement.
        let parts = try rows("SELECT type || ' ' || name, sql FROM sqlite_schema WHERE sql IS NOT NULL") { row in
            (try row.text(0), try row.text(1))
        }
        return Dictionary(parts) { first, _ in first }
    }

    private func damagedTables() throws -> [String] {
        let tables = try rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND name != 'event'") {
            try $0.text(0)
        }
        return try tables.flatMap { table in
            let quoted = table.replacing("\"", with: "\"\"")
            return try rows("PRAGMA integrity_check(\"\(quoted)\")") { try $0.text(0) }
                .filter { $0 != "ok" }
                .map { "the table \(table) of the store is damaged: \($0)" }
        }
    }
}
