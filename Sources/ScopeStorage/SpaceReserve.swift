import Glibc
import SecretMemory
import SecretScopes

/// A file beside the store that holds space on the disk, so that something can still be deleted when the disk is full.
struct SpaceReserve: Sendable {
    /// As much as a deletion of a few large secrets writes into the log.
    private static let size: off_t = 8 << 20

    private let path: String

    init(path: String) {
        self.path = path
    }

    /// Makes the file, or makes it whole.
    ///
    /// - Throws: `StoreError`, with `.full` when there is no room for it.
    func keep() throws {
        let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("open", errno) }
        defer { close(descriptor) }
        let number = posix_fallocate(descriptor, 0, Self.size)
        guard number == 0 else {
            // A part of it would only stand in the way of others.
            ftruncate(descriptor, 0)
            throw failure("posix_fallocate", number)
        }
    }

    /// Gives the space back to the disk; returns whether there was any.
    func release() -> Bool {
        guard held > 0 else { return false }
        return truncate(path, 0) == 0
    }

    /// Makes the file whole if there is one that is not, and room for it.
    func restore() {
        guard let held = heldIfKept, held < Self.size else { return }
        try? keep()
    }

    private var held: off_t { heldIfKept ?? 0 }

    private var heldIfKept: off_t? {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? status.st_size : nil
    }

    private func failure(_ call: String, _ number: Int32) -> any Error {
        StoreError.classified(SystemCallError(call: call, number: number), path: path)
    }
}
