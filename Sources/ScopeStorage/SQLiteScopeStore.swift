import Foundation
import GRDB
import Glibc
import SecretMemory
package import SecretScopes
import Synchronization

/// A workspace's rows in one SQLite database: WAL, every commit followed by `fsync`, deleted rows overwritten.
package final class SQLiteScopeStore: ScopeStore {
    /// The database's path.
    package let path: String
    let pool: ConnectionPool
    private let turnstile: Turnstile
    private let reserve: SpaceReserve
    /// Whether a sync failed. The kernel reports that once and may have dropped what it could not write, so that a later
    /// sync that succeeds says nothing: only opening the store anew tells what is on the disk.
    private let hasFailedSync = Atomic(false)

    private init(path: String, pool: ConnectionPool, turnstile: consuming Turnstile) {
        self.reserve = SpaceReserve(path: Self.lockPrefix(of: path) + ".reserve")
        self.path = path
        self.pool = pool
        self.turnstile = turnstile
    }

    /// Makes an empty store; its file is readable by its owner only. A file that an interrupted attempt left empty is
    /// used.
    ///
    /// - Throws: `StoreError`, with `.exists` when there is a store already.
    package static func create(at path: String) throws -> SQLiteScopeStore {
        let descriptor = Glibc.open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(systemCall: SystemCallError(call: "open", number: errno), path: path)
        }
        Glibc.close(descriptor)
        let store = try connect(path)
        try store.writing { connection in
            guard try connection.isEmpty() else { throw StoreError(.exists, "There is a store already at \(path).") }
            try connection.createSchema()
        }
        return store
    }

    /// The files by which processes take turns at the store.
    package static func lockFiles(of path: String) -> [String] {
        Turnstile.files(prefix: lockPrefix(of: path))
    }

    private static func lockPrefix(of path: String) -> String {
        (path as NSString).deletingPathExtension
    }

    /// Makes an empty file that only its owner may read.
    static func makeFile(_ path: String) throws(StoreError) {
        let descriptor = Glibc.open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { throw StoreError(.exists, "There is a file already at \(path).") }
            throw StoreError(systemCall: SystemCallError(call: "open", number: errno), path: path)
        }
        Glibc.close(descriptor)
    }

    /// Opens the store at `path`; one of an older format is brought to this program's in one transaction.
    ///
    /// - Throws: `StoreError`, with `.missing`, `.newerFormat` or `.damaged` where that is the reason.
    package static func open(_ path: String) throws -> SQLiteScopeStore {
        guard access(path, F_OK) == 0 else {
            throw StoreError(.missing, "There is no store at \(path). Make a workspace with `hush init`.")
        }
        let store = try connect(path)
        let format = try store.reading { database in
            try Schema.checkFormat(of: database, at: path)
            return try Schema.format(of: database)
        }
        if format < Schema.formatVersion { try store.writing { try $0.migrate() } }
        return store
    }

    private static func connect(_ path: String) throws -> SQLiteScopeStore {
        do {
            return SQLiteScopeStore(
                path: path,
                pool: try ConnectionPool(path: path),
                turnstile: try Turnstile(prefix: lockPrefix(of: path))
            )
        } catch {
            throw StoreError(describing: error, path: path)
        }
    }

    /// Moves everything that stands in the log into the database, and overwrites the log with nothing.
    ///
    /// - Throws: `StoreError` when readers or other writers stand in the way for too long.
    package func emptyLog() throws {
        do {
            try turnstile.withTurn {
                _ = try pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            }
        } catch {
            throw StoreError.classified(error, path: path)
        }
    }

    /// Spares this process the emptying of a short log at its end. Its memory is given back only then.
    ///
    /// For a process that does one thing: emptying and removing the log takes longer than reading a secret. Nothing is
    /// lost by it, since every commit was synced into the log.
    package func leaveLog() {
        pool.leaveLog()
    }

    /// Closes all connections. The store cannot be used after it; the last one that closes removes the log.
    package func close() throws {
        do {
            try pool.close()
        } catch {
            throw StoreError.classified(error, path: path)
        }
    }

    // MARK: Space on the disk

    /// Holds some space on the disk from now on, for deletions when it is full.
    ///
    /// - Throws: `StoreError` when that cannot be had.
    package func keepReserve() throws {
        try reserve.keep()
    }

    package func releaseReserve() -> Bool {
        reserve.release()
    }

    package func restoreReserve() {
        reserve.restore()
    }

    // MARK: Transactions

    package func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result {
        try reading { try body(SQLiteConnection(database: $0)) }
    }

    package func write<Result>(_ body: (any StoreTransaction) throws -> Result) throws -> Result {
        try writing { try body($0) }
    }

    package var announcedGeneration: Int64? { turnstile.announcedGeneration }

    private func writing<Result>(_ body: (SQLiteConnection) throws -> Result) throws -> Result {
        var isCommitting = false
        do {
            return try turnstile.withTurn {
                guard !hasFailedSync.load(ordering: .acquiring) else {
                    throw StoreError(
                        .readOnly,
                        "The disk did not confirm an earlier write to the store at \(path), so this process writes "
                            + "nothing more to it. Check the disk, then start Hush again."
                    )
                }
                return try pool.writeWithoutTransaction { database in
                    var result: Result?
                    var generation: Int64?
                    try database.inTransaction(.immediate) {
                        let connection = SQLiteConnection(database: database)
                        result = try body(connection)
                        // A store that is being made has none yet.
                        generation = try? connection.generation()
                        isCommitting = true
                        return .commit
                    }
                    if let generation { turnstile.announce(generation) }
                    guard let result else { throw StoreError(.inputOutput, "The transaction did not run.") }
                    return result
                }
            }
        } catch let error as DatabaseError where isCommitting && error.leavesCommitUnconfirmed {
            if error.isFailedSync { hasFailedSync.store(true, ordering: .releasing) }
            throw StoreError(
                .unconfirmed,
                "The disk did not confirm a write to the store at \(path). Nothing is handed out; whether a change was "
                    + "kept shows after a restart. Check the disk, then start Hush again."
            )
        } catch {
            throw StoreError.classified(error, path: path)
        }
    }

    private func reading<Result>(_ body: (Database) throws -> Result) throws -> Result {
        do {
            return try pool.read(body)
        } catch {
            throw StoreError.classified(error, path: path)
        }
    }
}

extension StoreError {
    /// Database and system errors as store errors; errors of the engine pass through.
    static func classified(_ error: any Error, path: String) -> any Error {
        switch error {
        case is DatabaseError, is SystemCallError, is DamagedColumn: StoreError(describing: error, path: path)
        default: error
        }
    }

    fileprivate init(describing error: any Error, path: String) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError: self.init(database: error, path: path)
        case let error as SystemCallError: self.init(systemCall: error, path: path)
        case is DamagedColumn:
            self.init(
                .damaged, "A row of the store at \(path) was altered outside Hush. Run `hush verify`.")
        default: self.init(.inputOutput, "The store at \(path) failed.")
        }
    }

    fileprivate init(systemCall error: SystemCallError, path: String) {
        switch error.number {
        case EACCES, EPERM, EROFS:
            self.init(.readOnly, "The store at \(path) may not be written. Check the folder's owner and mode.")
        case ENOSPC, EDQUOT:
            self.init(.full, "The disk that holds \(path) is full. Free some space and try again.")
        case ENOENT:
            self.init(.missing, "The folder of \(path) does not exist.")
        default:
            self.init(.inputOutput, "The store at \(path) failed: \(error)")
        }
    }

    fileprivate init(database error: DatabaseError, path: String) {
        switch error.resultCode {
        case .SQLITE_FULL:
            self.init(.full, "The disk that holds \(path) is full. Free some space and try again.")
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH, .SQLITE_CANTOPEN:
            self.init(
                .readOnly, "The store at \(path) may not be opened or written. Check the folder's owner and mode.")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.busy, "Another program holds the store at \(path). Try again.")
        case .SQLITE_CONSTRAINT:
            self.init(.conflict, "A row of the store at \(path) stands where none should be. Run `hush verify`.")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(.damaged, "The store at \(path) is damaged or is not a store. Restore a backup.")
        default:
            // SQLite's own message, without the statement's arguments.
            self.init(
                .inputOutput,
                "The store at \(path) failed (\(error.message ?? error.resultCode.description)). Check the disk.")
        }
    }
}

extension DatabaseError {
    /// Whether a sync failed.
    fileprivate var isFailedSync: Bool {
        extendedResultCode == .SQLITE_IOERR_FSYNC || extendedResultCode == .SQLITE_IOERR_DIR_FSYNC
    }

    /// Whether a `COMMIT` that failed with this may nevertheless be found when the log is next recovered. It cannot when
    /// its last frame could not be written.
    fileprivate var leavesCommitUnconfirmed: Bool {
        resultCode == .SQLITE_IOERR && extendedResultCode != .SQLITE_IOERR_WRITE
    }
}
