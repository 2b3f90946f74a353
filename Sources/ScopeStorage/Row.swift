import GRDBSQLite
import SecretScopes

/// The row that a running statement stands on, read through SQLite's own interface.
struct Row {
    /// The statement.
    let statement: OpaquePointer

    /// A column's bytes.
    func bytes(_ column: Int) throws -> [UInt8] {
        Array(try lentBytes(column))
    }

    /// A column's bytes, which stay where they are until the statement goes on to the next row.
    func lentBytes(_ column: Int) throws -> UnsafeRawBufferPointer {
        guard sqlite3_column_type(statement, Int32(column)) == SQLITE_BLOB else { throw DamagedColumn() }
        return UnsafeRawBufferPointer(start: sqlite3_column_blob(statement, Int32(column)), count: count(column))
    }

    /// A column that holds an id.
    func identifier<Subject>(_ column: Int) throws -> Identifier<Subject> {
        guard let id = Identifier<Subject>(bytes: try bytes(column)) else { throw DamagedColumn() }
        return id
    }

    /// A column that holds a number.
    func integer(_ column: Int) throws -> Int64 {
        guard sqlite3_column_type(statement, Int32(column)) == SQLITE_INTEGER else { throw DamagedColumn() }
        return sqlite3_column_int64(statement, Int32(column))
    }

    /// A column that holds a time.
    func timestamp(_ column: Int) throws -> Timestamp {
        Timestamp(rawValue: try integer(column))
    }

    /// A column that holds a time or nothing.
    func optionalTimestamp(_ column: Int) throws -> Timestamp? {
        isNull(column) ? nil : try timestamp(column)
    }

    /// A column that holds text.
    func text(_ column: Int) throws -> String {
        guard sqlite3_column_type(statement, Int32(column)) == SQLITE_TEXT else { throw DamagedColumn() }
        let start = sqlite3_column_text(statement, Int32(column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count(column)), as: UTF8.self)
    }

    /// A column that holds text or nothing.
    func optionalText(_ column: Int) throws -> String? {
        isNull(column) ? nil : try text(column)
    }

    /// A column that holds one of the cases of an enumeration.
    func choice<Choice: RawRepresentable>(_ column: Int) throws -> Choice where Choice.RawValue == UInt8 {
        guard let raw = UInt8(exactly: try integer(column)), let choice = Choice(rawValue: raw) else {
            throw DamagedColumn()
        }
        return choice
    }

    private func isNull(_ column: Int) -> Bool {
        sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL
    }

    private func count(_ column: Int) -> Int {
        Int(sqlite3_column_bytes(statement, Int32(column)))
    }
}

/// A column that does not hold what Hush writes there: the file was changed from outside.
struct DamagedColumn: Error {}
