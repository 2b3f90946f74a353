import Foundation
import GRDB
import SecretScopes

extension Row {
    /// A column's bytes.
    func bytes(_ column: Int) throws -> [UInt8] {
        guard case .blob(let data) = (self[column] as DatabaseValue).storage else { throw DamagedColumn() }
        return [UInt8](data)
    }

    /// A column that holds an id.
    func identifier<Subject>(_ column: Int) throws -> Identifier<Subject> {
        guard let id = Identifier<Subject>(bytes: try bytes(column)) else { throw DamagedColumn() }
        return id
    }

    /// A column that holds a number.
    func integer(_ column: Int) throws -> Int64 {
        guard case .int64(let value) = (self[column] as DatabaseValue).storage else { throw DamagedColumn() }
        return value
    }

    /// A column that holds a time.
    func timestamp(_ column: Int) throws -> Timestamp {
        Timestamp(rawValue: try integer(column))
    }

    /// A column that holds a time or nothing.
    func optionalTimestamp(_ column: Int) throws -> Timestamp? {
        hasNull(atIndex: column) ? nil : try timestamp(column)
    }

    /// A column that holds text.
    func text(_ column: Int) throws -> String {
        guard case .string(let value) = (self[column] as DatabaseValue).storage else { throw DamagedColumn() }
        return value
    }

    /// A column that holds text or nothing.
    func optionalText(_ column: Int) throws -> String? {
        hasNull(atIndex: column) ? nil : try text(column)
    }

    /// A column that holds one of the cases of an enumeration.
    func choice<Choice: RawRepresentable>(_ column: Int) throws -> Choice where Choice.RawValue == UInt8 {
        guard let raw = UInt8(exactly: try integer(column)), let choice = Choice(rawValue: raw) else {
            throw DamagedColumn()
        }
        return choice
    }
}

/// A column that does not hold what Hush writes there: the file was changed from outside.
struct DamagedColumn: Error {}

extension Array where Element == UInt8 {
    /// The bytes as an SQLite value.
    var blob: DatabaseValue { Data(self).databaseValue }
}

extension Identifier {
    /// The id as an SQLite value.
    var blob: DatabaseValue { bytes.blob }
}
