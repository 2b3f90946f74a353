import Glibc
import SecretScopes

/// Lets one process at a time make a workspace in a folder. The kernel gives the lock up when the process dies.
final class FolderLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock.
    ///
    /// - Throws: `ScopeError` when another process has it, or the folder cannot be opened.
    init(_ folder: String) throws {
        descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(folder, errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else { throw Self.failure(folder, errno) }
            throw ScopeError(
                .temporarilyUnavailable,
                "Another program is making a workspace in \(folder). Wait until it is done.")
        }
    }

    deinit {
        close(descriptor)
    }

    private static func failure(_ folder: String, _ number: Int32) -> ScopeError {
        ScopeError(
            .temporarilyUnavailable,
            "The folder \(folder) cannot be locked (\(String(cString: strerror(number)))). Check its owner and mode.")
    }
}

/// Makes the names in the folder that `path` is in durable: a file that lost its name in a power cut is lost.
func syncFolder(of path: String) -> Bool {
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let descriptor = open(folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return fsync(descriptor) == 0
}
