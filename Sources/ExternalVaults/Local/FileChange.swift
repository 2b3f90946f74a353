internal import Glibc
internal import Processes
internal import SecretMemory

/// A change of one file in a linked directory, such that at any moment, also after a power cut, either the old value is there
/// or the new one.
struct FileChange {
    private let name: String
    private let directory: OwnedDescriptor

    /// - Throws: ``VaultFailure`` when files of this directory are not to be changed from here.
    init(of name: String, in directory: LinkedDirectory) throws(VaultFailure) {
        guard !directory.isProjected else {
            throw VaultFailure(
                .readOnly, detail: "the directory is a volume of Kubernetes; change the Secret that it shows")
        }
        self.name = name
        self.directory = try directory.open()
    }

    /// Stores a value.
    func replace(with value: SecretBytes, temporaryName: String) throws(VaultFailure) {
        _ = try isThere()
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let number = openat(directory.number, temporaryName, flags, 0o600)
        guard number >= 0 else { throw Self.failure("open") }
        let file = OwnedDescriptor(number)
        var isInPlace = false
        defer { if !isInPlace { unlinkat(directory.number, temporaryName, 0) } }
        // Whatever the process's file mode creation mask is.
        guard fchmod(number, 0o600) == 0 else { throw Self.failure("fchmod") }
        try value.withUnsafeBytes { bytes throws(VaultFailure) in
            var written = 0
            while written < bytes.count {
                let count = write(file.number, bytes.baseAddress.map { $0 + written }, bytes.count - written)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw Self.failure("write") }
                written += count
            }
        }
        guard fsync(number) == 0 else { throw Self.failure("fsync") }
        guard renameat(directory.number, temporaryName, directory.number, name) == 0 else {
            throw Self.failure("rename")
        }
        isInPlace = true
        guard fsync(directory.number) == 0 else { throw Self.failure("fsync") }
    }

    /// Removes the file.
    func remove() throws(VaultFailure) {
        guard try isThere() else { throw VaultFailure(.notFound) }
        guard unlinkat(directory.number, name, 0) == 0 else { throw Self.failure("unlink") }
        guard fsync(directory.number) == 0 else { throw Self.failure("fsync") }
    }

    /// Whether there is a file of this name. What is something else is left alone.
    private func isThere() throws(VaultFailure) -> Bool {
        var status = stat()
        guard fstatat(directory.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return false }
            throw Self.failure("fstatat")
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return true
        case S_IFLNK:
            throw VaultFailure(.readOnly, detail: "the file is a symbolic link, which is not replaced from here")
        default: throw VaultFailure(.unacceptable, detail: "there is something of this name that is no file")
        }
    }

    private static func failure(_ call: String) -> VaultFailure {
        LinkedDirectory.failure(SystemCallError(call: call, number: errno), of: "the file", missing: .notFound)
    }
}
