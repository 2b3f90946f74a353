import Foundation
import GRDB
import Glibc
import SecretMemory
package import SecretScopes

/// A store in one plain file that is only read: a backup, or a file that may be one.
package final class SQLiteStoreCopy: ScopeStore {
    private let path: String
    private let queue: DatabaseQueue

    /// Opens the file at `path`.
    ///
    /// - Throws: `StoreError`, with `.missing`, `.newerFormat` or `.damaged` where that is the reason.
    package init(opening path: String) throws {
        guard access(path, F_OK) == 0 else {
            throw StoreError(.missing, "There is no file \(path). Name one that `hush backup` wrote.")
        }
        self.path = path
        do {
            var configuration = Configuration()
            configuration.label = "hush copy"
            configuration.readonly = true
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
            }
            queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.read { try Schema.checkFormat(of: $0, at: path) }
        } catch {
            throw StoreError.classified(error, path: path)
        }
    }

    package func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result {
        do {
            return try queue.read { try body(SQLiteConnection(database: $0)) }
        } catch {
            throw StoreError.classified(error, path: path)
        }
    }

    package func write<Result>(_ body: (any StoreTransaction) throws -> Result) throws -> Result {
        throw StoreError(.readOnly, "The file \(path) is a backup, which is never written to.")
    }

    /// Copies the store to a file that must not exist yet.
    ///
    /// - Parameter progress: Called now and then with the number of pages copied and of all pages.
    /// - Throws: `StoreError`; an incomplete file may be left then.
    package func copy(to path: String, progress: (Int, Int) -> Void) throws {
        try Self.copy(queue, to: path, progress: progress)
    }

    fileprivate static func copy(
        _ source: some DatabaseReader, to path: String, progress: (Int, Int) -> Void
    ) throws {
        do {
            try SQLiteScopeStore.makeFile(path)
            let copy = try DatabaseQueue(path: path)
            try withoutActuallyEscaping(progress) { progress in
                try source.backup(to: copy, pagesPerStep: 2000) { step in
                    progress(step.completedPageCount, step.totalPageCount)
                }
            }
            // One file by itself: a backup without the log that a store has beside it.
            try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
            try copy.close()
        } catch {
            throw StoreError.classified(error, path: path)
        }
    }
}

extension SQLiteScopeStore {
    /// Copies one snapshot of the store to a file that must not exist yet. Readers and writers go on meanwhile.
    ///
    /// - Parameter progress: Called now and then with the number of pages copied and of all pages.
    /// - Throws: `StoreError`; an incomplete file may be left then.
    package func copy(to path: String, progress: (Int, Int) -> Void) throws {
        do {
            try pool.withReader { try SQLiteStoreCopy.copy($0, to: path, progress: progress) }
        } catch {
            throw StoreError.classified(error, path: path)
        }
    }
}
