import Testing

/// One way for a disk to fail.
struct DiskFault: Sendable, CustomTestStringConvertible {
    var name: String
    var operation: FileWatch.Operation
    var file: String?
    var result: Int32
    /// Whether it fails again and again, or once.
    var isLasting = true
    /// Whether it still fails while the store is being closed; else the disk works again before.
    var coversClosing = false
    var testDescription: String { name }

    /// Whether calls can end without anybody knowing if they were done.
    var leavesDoubt: Bool { operation == .sync && file == nil }

    static let all = [
        DiskFault(name: "a full disk", operation: .write, result: SQLiteCode.full),
        DiskFault(name: "a write that fails once", operation: .write, result: SQLiteCode.writeFailed, isLasting: false),
        DiskFault(name: "writes that fail", operation: .write, result: SQLiteCode.writeFailed),
        DiskFault(name: "a sync that fails once", operation: .sync, result: SQLiteCode.syncFailed, isLasting: false),
        DiskFault(name: "syncs that fail", operation: .sync, result: SQLiteCode.syncFailed),
        DiskFault(name: "a read that fails once", operation: .read, result: SQLiteCode.readFailed, isLasting: false),
        DiskFault(name: "reads that fail", operation: .read, result: SQLiteCode.readFailed),
        DiskFault(
            name: "a file that cannot be opened", operation: .open, result: SQLiteCode.cannotOpen, isLasting: false),
        DiskFault(name: "an index that cannot grow", operation: .map, result: SQLiteCode.mapFailed),
        DiskFault(
            name: "a database file that cannot be written, also at the end",
            operation: .write,
            file: "hush.db",
            result: SQLiteCode.writeFailed,
            coversClosing: true
        ),
        DiskFault(
            name: "a database file that cannot be synced, also at the end",
            operation: .sync,
            file: "hush.db",
            result: SQLiteCode.syncFailed,
            coversClosing: true
        ),
        DiskFault(
            name: "a file that cannot be cut, also at the end",
            operation: .truncate,
            result: SQLiteCode.truncateFailed,
            coversClosing: true
        ),
        DiskFault(
            name: "a log that cannot be deleted at the end",
            operation: .delete,
            result: SQLiteCode.deleteFailed,
            coversClosing: true
        ),
    ]
}
