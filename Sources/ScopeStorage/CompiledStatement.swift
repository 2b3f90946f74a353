import Foundation
import GRDB
import GRDBSQLite
import SecretScopes

/// A statement that is compiled once per connection and run through SQLite's own interface: what GRDB does to bind
/// arguments and to read rows takes several times as long as the statement itself, and every read of a value waits for
/// some of them.
struct CompiledStatement {
    private let statement: Statement
    private let database: Database

    init(_ sql: String, in database: Database) throws {
        self.statement = try database.cachedStatement(sql: sql)
        self.database = database
    }

    private var handle: OpaquePointer { statement.sqliteStatement }

    /// Runs it and hands every row to `body`.
    func run(_ arguments: [DatabaseValue], _ body: (Row) throws -> Void = { _ in }) throws {
        assert(arguments.count == sqlite3_bind_parameter_count(handle), "every parameter has an argument")
        for (index, argument) in arguments.enumerated() { bind(argument, at: Int32(index + 1)) }
        try step(body)
    }

    /// Adds an event, without a copy of its bytes.
    func run(_ event: EventRow) throws {
        try event.body.withUnsafeBytes { body in
            sqlite3_bind_int64(handle, 1, event.sequence)
            sqlite3_bind_int64(handle, 2, event.subject)
            sqlite3_bind_int64(handle, 3, event.link)
            sqlite3_bind_blob64(handle, 4, body.baseAddress, UInt64(body.count), nil)
            try step { _ in }
        }
    }

    private func bind(_ value: DatabaseValue, at index: Int32) {
        switch value.storage {
        case .null: sqlite3_bind_null(handle, index)
        case .int64(let number): sqlite3_bind_int64(handle, index, number)
        case .double(let number): sqlite3_bind_double(handle, index, number)
        case .string(let text): sqlite3_bind_text(handle, index, text, Int32(text.utf8.count), Self.copied)
        case .blob(let data):
            data.withUnsafeBytes { bytes in
                // Without an address it would be bound as NULL.
                let start = bytes.baseAddress ?? UnsafeRawPointer(handle)
                sqlite3_bind_blob64(handle, index, start, UInt64(bytes.count), Self.copied)
            }
        }
    }

    private func step(_ body: (Row) throws -> Void) throws {
        defer {
            sqlite3_reset(handle)
            // The arguments' bytes must not be looked at any more.
            sqlite3_clear_bindings(handle)
        }
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW: try body(Row(statement: handle))
            case SQLITE_DONE: return
            case let code:
                throw DatabaseError(
                    resultCode: ResultCode(rawValue: code),
                    message: database.sqliteConnection.map { String(cString: sqlite3_errmsg($0)) }
                )
            }
        }
    }

    /// Tells SQLite to make copies of the bytes that are bound (`SQLITE_TRANSIENT`, a macro that is not imported).
    private static var copied: sqlite3_destructor_type {
        unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    }
}

extension Array where Element == UInt8 {
    /// The bytes as an SQLite value.
    var blob: DatabaseValue { Data(self).databaseValue }
}

extension Identifier {
    /// The id as an SQLite value.
    var blob: DatabaseValue { bytes.blob }
}
