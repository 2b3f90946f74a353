import Glibc
import SecretScopes

/// A file that gets its name only when it is complete.
///
/// Until then it lies beside its place under another name. A file that is there already is never replaced.
struct NewFile {
    /// What stands behind the name of an unfinished file.
    static let suffix = ".partial"

    let path: String
    /// Where the file is made.
    let partial: String
    private let further: [String]

    /// Reserves the name.
    ///
    /// - Parameter further: Files that come with the unfinished one and go with it, beside those of SQLite.
    /// - Throws: `ScopeError` when there is a file already, complete or not.
    init(path: String, further: [String] = []) throws {
        self.path = path
        self.partial = path + Self.suffix
        self.further = further + ["-wal", "-shm", "-journal"].map { path + Self.suffix + $0 }
        guard access(path, F_OK) != 0 else { throw Self.exists(path) }
        guard access(partial, F_OK) != 0 else {
            throw ScopeError(
                .resourceAlreadyExists,
                "There is an unfinished file \(partial). If no other hush is making it, delete it and try again.")
        }
    }

    /// Makes the file durable and gives it its name.
    ///
    /// - Throws: `ScopeError` when there is a file of that name now, or the disk fails.
    func complete() throws {
        try sync(partial)
        // A link never replaces a file; where the file system has none, renaming is the second best.
        if link(partial, path) == 0 {
            unlink(partial)
        } else {
            guard errno != EEXIST, access(path, F_OK) != 0 else { throw Self.exists(path) }
            guard rename(partial, path) == 0 else { throw Self.failure(path, errno) }
        }
        guard syncFolder(of: path) else { throw Self.failure(path, errno) }
    }

    /// Takes away what is left of an unfinished file. Does nothing to one that is complete.
    func discard() {
        for file in [partial] + further { unlink(file) }
    }

    private func sync(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Self.failure(path, errno) }
    }

    private static func exists(_ path: String) -> ScopeError {
        ScopeError(.resourceAlreadyExists, "There is a file \(path) already. Name another one, or move it away.")
    }

    private static func failure(_ path: String, _ number: Int32) -> ScopeError {
        ScopeError(
            .temporarilyUnavailable,
            "\(path) cannot be written (\(String(cString: strerror(number)))). Check its folder and the free space.")
    }
}
