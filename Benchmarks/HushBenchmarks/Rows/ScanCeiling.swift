import GRDBSQLite
import SecretCrypto

/// What checking the record costs at best: every event read once in order, and hashed as the chain hashes it, by SQLite
/// and OpenSSL with nothing between them.
struct ScanCeiling {
    private let connection: OpaquePointer

    init(database path: String) throws {
        var connection: OpaquePointer?
        guard sqlite3_open_v2(path, &connection, SQLITE_OPEN_READONLY, nil) == SQLITE_OK, let connection else {
            throw ScanFailure(description: "\(path) cannot be opened.")
        }
        self.connection = connection
    }

    /// How many events a second that makes.
    func rate() throws -> Double {
        var statement: OpaquePointer?
        let sql = "SELECT sequence, subject, link, body FROM event ORDER BY sequence"
        guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK else {
            throw ScanFailure(description: "The events cannot be read.")
        }
        defer { sqlite3_finalize(statement) }
        let clock = ContinuousClock()
        let start = clock.now
        var hasher = SHA256.Hasher()
        var hash = [UInt8](repeating: 0, count: SHA256.byteCount)
        var sum: Int64 = 0
        var count = 0
        while sqlite3_step(statement) == SQLITE_ROW {
            sum &+= sqlite3_column_int64(statement, 0) &+ sqlite3_column_int64(statement, 1)
            let length = Int(sqlite3_column_bytes(statement, 3))
            guard let body = sqlite3_column_blob(statement, 3) else { continue }
            hasher.update(hash.span.bytes)
            withUnsafeBytes(of: UInt64(length).bigEndian) { hasher.update(RawSpan(_unsafeBytes: $0)) }
            hasher.update(RawSpan(_unsafeStart: body, byteCount: length))
            hash = hasher.finalize().bytes
            sum &+= sqlite3_column_int64(statement, 2) &- Int64(hash[0])
            count += 1
        }
        let seconds = (clock.now - start).seconds
        // Uses the sum, so that nothing of the loop can be left out.
        guard count > 0, sum != .min else { throw ScanFailure(description: "There are no events.") }
        return Double(count) / seconds
    }
}

/// The ceiling could not be measured.
struct ScanFailure: Error, CustomStringConvertible {
    var description: String
}
