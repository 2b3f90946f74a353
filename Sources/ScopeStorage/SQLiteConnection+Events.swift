import GRDB
import GRDBSQLite
import SecretScopes

extension SQLiteConnection {
    /// Adds an event. Every read of a value waits for one of these, so the arguments are bound directly: GRDB's own
    /// binding costs three times as much as the insertion itself.
    func insert(_ row: EventRow) throws {
        let statement = try database.cachedStatement(
            sql: "INSERT INTO event (sequence, subject, link, body) VALUES (?, ?, ?, ?)")
        let handle = statement.sqliteStatement
        let result = row.body.withUnsafeBytes { body in
            sqlite3_bind_int64(handle, 1, row.sequence)
            sqlite3_bind_int64(handle, 2, row.subject)
            sqlite3_bind_int64(handle, 3, row.link)
            sqlite3_bind_blob64(handle, 4, body.baseAddress, UInt64(body.count), nil)
            let result = sqlite3_step(handle)
            sqlite3_reset(handle)
            // The body must not be looked at after this closure.
            sqlite3_clear_bindings(handle)
            return result
        }
        guard result == SQLITE_DONE else { throw error(result) }
    }

    /// Lends events. `verify` goes through all of them, and rows made by GRDB would take longer than hashing them.
    func scanEvents(from first: Int64, limit: Int, _ body: (EventSpan) throws -> Void) throws -> Int {
        let statement = try database.cachedStatement(
            sql: "SELECT sequence, subject, link, body FROM event WHERE sequence >= ? ORDER BY sequence LIMIT ?")
        let handle = statement.sqliteStatement
        defer {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        sqlite3_bind_int64(handle, 1, first)
        sqlite3_bind_int64(handle, 2, Int64(limit))
        var count = 0
        while true {
            let result = sqlite3_step(handle)
            guard result == SQLITE_ROW else {
                guard result == SQLITE_DONE else { throw error(result) }
                return count
            }
            // The columns' types are the table's, which is STRICT.
            let start = sqlite3_column_blob(handle, 3)
            try body(
                EventSpan(
                    sequence: sqlite3_column_int64(handle, 0),
                    subject: sqlite3_column_int64(handle, 1),
                    link: sqlite3_column_int64(handle, 2),
                    body: UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, 3)))
                ))
            count += 1
        }
    }

    private func error(_ result: Int32) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: result),
            message: database.sqliteConnection.map { String(cString: sqlite3_errmsg($0)) }
        )
    }
}
