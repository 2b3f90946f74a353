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
        do throws(SystemCallError) {
            let file = try NewFile(in: directory, temporaryName: temporaryName)
            try value.withUnsafeBytes { bytes throws(SystemCallError) in try file.write(bytes) }
            try file.place(over: name)
        } catch {
            throw Self.failure(error)
        }
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
        failure(SystemCallError(call: call, number: errno))
    }

    private static func failure(_ error: SystemCallError) -> VaultFailure {
        LinkedDirectory.failure(error, of: "the file", missing: .notFound)
    }
}
