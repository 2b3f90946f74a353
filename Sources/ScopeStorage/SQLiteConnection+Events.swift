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
        guard result == SQLITE_DONE else {
            throw DatabaseError(
                resultCode: ResultCode(rawValue: result),
                message: database.sqliteConnection.map { String(cString: sqlite3_errmsg($0)) }
            )
        }
    }
}
