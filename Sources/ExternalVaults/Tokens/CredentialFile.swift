internal import Glibc
internal import SecretMemory

/// Reads files that hold tokens and keys, straight into secret memory. They change while programs run, so nothing of them is
/// kept.
enum CredentialFile {
    /// More than any token, certificate or key needs.
    private static let largest = 64 * 1024

    /// The file's bytes, without white space at the end.
    ///
    /// - Parameter followsLinks: Whether its last part may be a symbolic link, as it is where tokens are projected.
    /// - Throws: ``VaultFailure`` with `credentialUnreadable`.
    static func read(
        _ path: String, limit: Int = largest, followsLinks: Bool = true, in pool: SecretPool
    ) throws(VaultFailure) -> SecretBytes {
        // Non-blocking, so that nobody waits for the other end of a pipe.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else {
            throw unreadable(path, String(describing: SystemCallError(call: "open", number: errno)))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw unreadable(path, "it is not a file")
        }
        var buffer = SecretBuffer(in: pool)
        let isWhole: Bool
        do {
            isWhole = try buffer.appendAll(from: descriptor, limit: limit)
        } catch {
            throw unreadable(path, String(describing: error))
        }
        guard isWhole else { throw unreadable(path, "it has more than \(limit) bytes") }
        let trailing = buffer.withBytes { bytes in
            var count = 0
            while count < bytes.byteCount,
                bytes.unsafeLoad(fromByteOffset: bytes.byteCount - 1 - count, as: UInt8.self) <= 0x20
            {
                count += 1
            }
            return count
        }
        buffer.removeLast(trailing)
        guard buffer.count > 0 else { throw unreadable(path, "it is empty") }
        return buffer.finish()
    }

    /// Whether there is such a file, readable or not.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func unreadable(_ path: String, _ reason: String) -> VaultFailure {
        VaultFailure(.credentialUnreadable, detail: "\(path) cannot be read: \(reason)")
    }
}
