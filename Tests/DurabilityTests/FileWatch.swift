import FaultyFiles
import GRDBSQLite

/// Watches what SQLite does to the files of one folder, and makes it fail.
// @unchecked: the C side guards everything behind the pointer with one lock, and the pointer never changes.
final class FileWatch: @unchecked Sendable {
    /// What can be made to fail.
    enum Operation: UInt32, CaseIterable, CustomStringConvertible {
        case open = 0
        case write = 1
        case truncate = 2
        case sync = 3
        case delete = 5
        case read = 8
        case map = 9

        var description: String {
            switch self {
            case .open: "open"
            case .write: "write"
            case .truncate: "truncate"
            case .sync: "sync"
            case .delete: "delete"
            case .read: "read"
            case .map: "map"
            }
        }
    }

    /// How chosen operations fail.
    struct Fault {
        var operations: [Operation]
        /// The file's name; `nil` for every file.
        var file: String?
        /// How many of these operations succeed first.
        var skipped: Int64 = 0
        /// How many fail then; `nil` for all.
        var failing: Int64?
        /// The SQLite result code.
        var result: Int32
        /// Whether half of a failing write lands.
        var landsHalf = false
    }

    /// One line of the log.
    struct Entry {
        enum Event {
            case open(existed: Bool)
            case write(offset: Int, bytes: UnsafeRawBufferPointer)
            case truncate(Int)
            case sync
            case failedSync
            case syncFolder
            case delete
            case mark(Int64)
        }

        /// The number of the file, which is never used for another one; -1 for none.
        var file: Int
        var event: Event
    }

    struct CannotWatch: Error {}

    let folder: String
    private let watch: OpaquePointer

    /// Begins to watch `folder`. Connections that are opened from now on are watched.
    init(_ folder: String) throws {
        guard faulty_register() == SQLITE_OK, let watch = faulty_watch_folder(folder) else { throw CannotWatch() }
        self.folder = folder
        self.watch = watch
    }

    deinit {
        faulty_unwatch(watch)
    }

    func mark(_ number: Int64) {
        faulty_put_mark(watch, number)
    }

    func noteFolderSync() {
        faulty_put_folder_sync(watch)
    }

    func ignoreSyncs() {
        faulty_ignore_syncs(watch)
    }

    func arm(_ fault: Fault) {
        func arm(_ name: UnsafePointer<CChar>?) {
            var form = faulty_fault()
            form.operations = fault.operations.reduce(0) { $0 | 1 << $1.rawValue }
            form.name = name
            form.skipped = fault.skipped
            form.failing = fault.failing ?? -1
            form.result = fault.result
            form.lands_half = fault.landsHalf
            faulty_arm(watch, &form)
        }
        if let file = fault.file { file.withCString { arm($0) } } else { arm(nil) }
    }

    func disarm() {
        faulty_arm(watch, nil)
    }

    /// How many operations failed since the fault was armed.
    var hits: Int64 { faulty_hits(watch) }
    /// How many operations the armed fault looked at.
    var matches: Int64 { faulty_matches(watch) }

    /// Everything that was done. The bytes are valid as long as the watch.
    var entries: [Entry] {
        (0..<faulty_entry_count(watch)).map { index in
            let entry = faulty_entry_at(watch, index)
            let event: Entry.Event =
                switch entry.operation {
                case faulty_open: .open(existed: entry.number != 0)
                case faulty_write:
                    .write(
                        offset: Int(entry.number),
                        bytes: UnsafeRawBufferPointer(start: entry.bytes, count: entry.count))
                case faulty_truncate: .truncate(Int(entry.number))
                case faulty_sync: .sync
                case faulty_failed_sync: .failedSync
                case faulty_sync_folder: .syncFolder
                case faulty_delete: .delete
                default: .mark(entry.number)
                }
            return Entry(file: Int(entry.file), event: event)
        }
    }

    func name(ofFile number: Int) -> String {
        faulty_file_name(watch, Int32(number)).map { String(cString: $0) } ?? ""
    }
}

/// SQLite's result codes that faults are made with; the extended ones are macros that Swift does not import.
enum SQLiteCode {
    static let full = SQLITE_FULL
    static let cannotOpen = SQLITE_CANTOPEN
    static let readOnly = SQLITE_READONLY
    static let readFailed = SQLITE_IOERR | 1 << 8
    static let writeFailed = SQLITE_IOERR | 3 << 8
    static let syncFailed = SQLITE_IOERR | 4 << 8
    static let truncateFailed = SQLITE_IOERR | 6 << 8
    static let deleteFailed = SQLITE_IOERR | 10 << 8
    static let mapFailed = SQLITE_IOERR | 19 << 8
}
