import GRDB
import Glibc
import SecretScopes
import Synchronization

/// The connections to one database in WAL mode: one that writes, and as many that only read as are used at a time.
///
/// GRDB's own pool asks Foundation about the log's file when it opens a database, and opens a second connection for the
/// first read. A one-shot command would spend more time on these two than on everything else that it does with the
/// store, so here the writer reads too, until it has begun to write.
final class ConnectionPool: Sendable {
    private let path: String
    private let writer: DatabaseQueue
    private let idleReaders = Mutex<[DatabaseQueue]>([])
    private let hasBegunToWrite = Atomic(false)

    /// The most connections that are kept for the next reads.
    private static let mostIdleReaders = 4
    /// The length in bytes from which on a log is not left: going through it when the database is opened takes as long
    /// as emptying it.
    private static let longestLogLeft = 256 * 1024

    /// Opens the database at `path`.
    init(path: String) throws {
        self.path = path
        var configuration = Self.configuration()
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA secure_delete = ON;
                    PRAGMA cache_size = -10000;
                    PRAGMA synchronous = FULL;
                    """)
            guard try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL") == "wal" else {
                throw StoreError(.inputOutput, "SQLite refused to write through a log (journal_mode is not WAL).")
            }
            // Only what is read back counts.
            guard try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2 else {
                throw StoreError(.inputOutput, "SQLite refused to make commits durable (synchronous is not FULL).")
            }
        }
        writer = try DatabaseQueue(path: path, configuration: configuration)
    }

    deinit {
        // Before the writer, which is closed by then: the last connection that closes must be able to empty the log.
        idleReaders.withLock { $0.removeAll() }
    }

    /// Runs `body` on the connection that writes.
    func writeWithoutTransaction<Result>(_ body: (Database) throws -> Result) throws -> Result {
        hasBegunToWrite.store(true, ordering: .releasing)
        return try writer.writeWithoutTransaction(body)
    }

    /// Runs `body` on one consistent snapshot.
    func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        guard hasBegunToWrite.load(ordering: .acquiring) else { return try readThroughWriter(body) }
        return try withReader { try $0.read(body) }
    }

    /// What GRDB's own `read` does, without forbidding writes to `body` for its duration, which takes as long as a read.
    private func readThroughWriter<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try writer.writeWithoutTransaction { database in
            var result: Result?
            try database.inTransaction(.deferred) {
                result = try body(database)
                return .commit
            }
            guard let result else { throw StoreError(.inputOutput, "The transaction did not run.") }
            return result
        }
    }

    /// Lends a connection that only reads.
    func withReader<Result>(_ body: (DatabaseQueue) throws -> Result) throws -> Result {
        let reader = try idleReaders.withLock { $0.popLast() } ?? openReader()
        defer {
            idleReaders.withLock { readers in
                if readers.count < Self.mostIdleReaders { readers.append(reader) }
            }
        }
        return try body(reader)
    }

    /// Closes all connections; none may be in use.
    func close() throws {
        for reader in idleReaders.withLock({ $0 }) { try reader.close() }
        try writer.close()
    }

    /// Leaves the connection that writes open until the process ends, and with it the log, unless that is long by now:
    /// the next process that opens the database goes through the log, as after a crash.
    func leaveLog() {
        var file = stat()
        guard stat(path + "-wal", &file) != 0 || file.st_size < Self.longestLogLeft else { return }
        _ = Unmanaged.passRetained(writer)
    }

    private func openReader() throws -> DatabaseQueue {
        var configuration = Self.configuration()
        configuration.readonly = true
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -4000") }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.label = "hush"
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA trusted_schema = OFF;
                    PRAGMA cell_size_check = ON;
                    PRAGMA temp_store = MEMORY;
                    """)
        }
        return configuration
    }
}
