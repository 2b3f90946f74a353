internal import CLinux
internal import Glibc
internal import Processes
internal import SecretMemory
internal import SecretScopes

/// What a path led to when it was looked up: one file or directory, whatever the path leads to later. It is not open yet, so
/// that it can be judged before.
struct FilePlace {
    let descriptor: OwnedDescriptor
    let status: stat
    /// Where it is, without symbolic links; `nil` when it was removed since.
    let path: String?

    /// Looks `name` up, following symbolic links.
    ///
    /// - Parameters:
    ///   - name: An absolute path, or one that begins in `directory`.
    ///   - directory: The directory.
    ///   - isDirectory: Whether it must be a directory.
    init(_ name: String, in directory: OwnedDescriptor? = nil, isDirectory: Bool = false) throws(SystemCallError) {
        let number = clinux_open_place(directory?.number ?? AT_FDCWD, name, isDirectory)
        guard number >= 0 else { throw SystemCallError(call: "open", number: errno) }
        self.descriptor = OwnedDescriptor(number)
        var status = stat()
        guard fstat(number, &status) == 0 else { throw SystemCallError(call: "fstat", number: errno) }
        self.status = status
        self.path = status.st_nlink == 0 ? nil : Self.target(of: "/proc/self/fd/\(number)", in: AT_FDCWD)
    }

    var isDirectory: Bool { status.st_mode & S_IFMT == S_IFDIR }
    var isRegularFile: Bool { status.st_mode & S_IFMT == S_IFREG }

    /// When its contents last changed.
    var changed: Timestamp { Timestamp(status.st_mtim) }

    /// Whether it stands in `directory`, at whatever depth.
    func isInside(_ directory: String) -> Bool {
        guard let path else { return false }
        return directory == "/" || path.hasPrefix(directory + "/")
    }

    /// Opens it for reading; a directory to be listed.
    func open() throws(SystemCallError) -> OwnedDescriptor {
        // By its number: the name may lead elsewhere by now.
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        let number = Glibc.open("/proc/self/fd/\(descriptor.number)", flags)
        guard number >= 0 else { throw SystemCallError(call: "open", number: errno) }
        return OwnedDescriptor(number)
    }

    /// What a symbolic link says; `nil` when there is none.
    static func target(of name: String, in directory: Int32) -> String? {
        var bytes = [CChar](repeating: 0, count: 8192)
        let count = readlinkat(directory, name, &bytes, bytes.count)
        guard count > 0, count < bytes.count else { return nil }
        return String(validating: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension Timestamp {
    init(_ time: timespec) {
        self.init(rawValue: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
