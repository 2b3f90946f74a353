internal import Glibc

/// Files that only this user can read.
enum PrivateFile {
    /// Writes `bytes` to a new file beside `path` and then gives it that name, so that there is never half a file.
    static func write(_ bytes: [UInt8], to path: String) throws(NotebookError) {
        var template = "\(path).XXXXXX".utf8CString
        let (descriptor, temporary) = template.withUnsafeMutableBufferPointer { template in
            let descriptor = template.baseAddress.map { mkstemp($0) } ?? -1
            return (descriptor, template.baseAddress.map { String(cString: $0) } ?? "")
        }
        guard descriptor >= 0 else { throw failure(path, errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        let number = write(bytes, to: descriptor)
        close(descriptor)
        if number == 0, rename(temporary, path) == 0 { return }
        let error = number == 0 ? errno : number
        unlink(temporary)
        throw failure(path, error)
    }

    /// Writes all of `bytes`, down to the disk; returns 0 or the value of `errno`.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return errno }
            written += count
        }
        return fsync(descriptor) == 0 ? 0 : errno
    }

    private static func failure(_ path: String, _ number: Int32) -> NotebookError {
        NotebookError(.unwritableFile, "The file \(path) cannot be written: \(String(cString: strerror(number))).")
    }
}
