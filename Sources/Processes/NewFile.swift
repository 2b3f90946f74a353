internal import CLinux
internal import Glibc
package import SecretMemory

/// A file that only its owner can read, and that gets its name when all of it is written and on the disk.
///
/// Until then it has none, so whatever ends this process leaves nothing of it behind. On file systems without such files
/// it has a temporary name in its directory.
package final class NewFile {
    private let directory: OwnedDescriptor
    private let file: OwnedDescriptor
    private let temporaryName: String
    /// Whether it stands under the temporary name.
    private var isTemporary: Bool

    /// Makes an empty file.
    ///
    /// - Parameters:
    ///   - directory: A descriptor of the directory that it is to stand in.
    ///   - temporaryName: A name there that nothing else has, for the moment in which it takes another one's place.
    package init(in directory: OwnedDescriptor, temporaryName: String) throws(SystemCallError) {
        var number = clinux_open_unnamed_file(directory.number)
        let hasName = number < 0 && [EOPNOTSUPP, EISDIR].contains(errno)
        if hasName {
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
            number = openat(directory.number, temporaryName, flags, 0o600)
        }
        guard number >= 0 else { throw SystemCallError(call: "open", number: errno) }
        self.directory = directory
        self.file = OwnedDescriptor(number)
        self.temporaryName = temporaryName
        self.isTemporary = hasName
        // Whatever the process's file mode creation mask is.
        guard fchmod(number, 0o600) == 0 else { throw SystemCallError(call: "fchmod", number: errno) }
    }

    deinit {
        if isTemporary { unlinkat(directory.number, temporaryName, 0) }
    }

    /// Writes all of `bytes` behind what was written before.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(SystemCallError) {
        var written = 0
        while written < bytes.count {
            let count = Glibc.write(file.number, bytes.baseAddress.map { $0 + written }, bytes.count - written)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemCallError(call: "write", number: errno) }
            written += count
        }
    }

    /// Gives it a name that nothing in the directory has.
    ///
    /// - Throws: The error of the call that failed; of `link`, with `EEXIST`, when there is something of that name.
    package func place(as name: String) throws(SystemCallError) {
        guard fsync(file.number) == 0 else { throw SystemCallError(call: "fsync", number: errno) }
        try link(to: name)
    }

    /// Gives it a name, and takes the place of the file that has it, if there is one.
    package func place(over name: String) throws(SystemCallError) {
        guard fsync(file.number) == 0 else { throw SystemCallError(call: "fsync", number: errno) }
        if !isTemporary {
            try link(to: temporaryName)
            isTemporary = true
        }
        guard renameat(directory.number, temporaryName, directory.number, name) == 0 else {
            throw SystemCallError(call: "rename", number: errno)
        }
        isTemporary = false
    }

    /// Unlike a renamed file, a link never takes the place of another.
    private func link(to name: String) throws(SystemCallError) {
        let result =
            isTemporary
            ? linkat(directory.number, temporaryName, directory.number, name, 0)
            : linkat(AT_FDCWD, "/proc/self/fd/\(file.number)", directory.number, name, AT_SYMLINK_FOLLOW)
        guard result == 0 else { throw SystemCallError(call: "link", number: errno) }
    }
}
