internal import Glibc
internal import Processes
internal import SecretMemory
internal import SecretScopes

/// A directory with one file for each secret, as it is found for one use.
///
/// Kubernetes fills such a directory with symbolic links to `..data/NAME`, and `..data` is one to a directory that is replaced
/// as a whole when anything changes. All of one use is read from one such directory.
struct LinkedDirectory {
    /// What was asked for does not do, in words about the file.
    private static let outside = VaultFailure(
        .untrusted, detail: "the file is a symbolic link that leads out of the directory")

    /// What to say of a directory that may not be read.
    static func notListed(_ path: String) -> String {
        "\(path) is not among the directories that may be read; an administrator can list it under links.directories in "
            + "config.yaml"
    }

    private let root: FilePlace
    /// Where it is, without symbolic links.
    private let rootPath: String
    /// Where `..data` leads; `nil` when there is none.
    private let generation: String?
    /// Where the files stand.
    private let files: FilePlace

    /// Looks up the directory, which the settings must list wherever symbolic links lead.
    init(_ path: String, policy: LinkPolicy) throws(VaultFailure) {
        do {
            self.root = try FilePlace(path, isDirectory: true)
        } catch {
            throw Self.failure(error, of: "the directory", missing: .unreachable)
        }
        guard let rootPath = root.path else {
            throw VaultFailure(.unreachable, detail: "the directory was removed just now")
        }
        guard policy.allows(directory: rootPath) || policy.allowsResolved(directory: rootPath) else {
            throw VaultFailure(.untrusted, detail: Self.notListed(path))
        }
        self.rootPath = rootPath
        self.generation = FilePlace.target(of: "..data", in: root.descriptor.number)
        if generation == nil {
            self.files = root
            return
        }
        do {
            self.files = try FilePlace("..data", in: root.descriptor, isDirectory: true)
        } catch {
            throw Self.failure(error, of: "the directory", missing: .unreachable)
        }
        guard files.isInside(rootPath) else { throw Self.outside }
    }

    /// Whether Kubernetes keeps its contents.
    var isProjected: Bool { generation != nil }

    /// Whether its contents were not replaced since it was looked up.
    var isCurrent: Bool {
        generation == nil || FilePlace.target(of: "..data", in: root.descriptor.number) == generation
    }

    /// The descriptor of the directory, for what changes it.
    func open() throws(VaultFailure) -> OwnedDescriptor {
        do {
            return try files.open()
        } catch {
            throw Self.failure(error, of: "the directory", missing: .unreachable)
        }
    }

    /// The contents of a file.
    ///
    /// - Parameter limit: The most bytes.
    func read(_ name: String, limit: Int, pool: SecretPool) throws(VaultFailure) -> VaultSecret {
        let file = try place(of: name)
        var bytes = SecretBuffer(in: pool)
        do {
            let descriptor = try file.open()
            guard try bytes.appendAll(from: descriptor.number, limit: limit) else {
                throw VaultFailure(.unacceptable, detail: "the file has more than \(limit) bytes")
            }
        } catch let failure as VaultFailure {
            throw failure
        } catch let error as SystemCallError {
            throw Self.failure(error, of: "the file", missing: .notFound)
        } catch {
            throw VaultFailure(.unreachable)
        }
        return VaultSecret(value: bytes.finish(), updated: file.changed)
    }

    /// The names of all files that may be read and are not hidden, with when they last changed.
    func list(prefix: String) throws(VaultFailure) -> [VaultEntry] {
        let descriptor = try open()
        // `closedir` closes the descriptor that `fdopendir` is given.
        let number = dup(descriptor.number)
        guard number >= 0, let stream = fdopendir(number) else {
            let error = SystemCallError(call: "fdopendir", number: errno)
            if number >= 0 { close(number) }
            throw Self.failure(error, of: "the directory", missing: .unreachable)
        }
        defer { closedir(stream) }
        var entries: [VaultEntry] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else {
                    throw Self.failure(
                        SystemCallError(call: "readdir", number: errno), of: "the directory", missing: .unreachable)
                }
                return entries
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let name, !name.hasPrefix("."), name.hasPrefix(prefix) else { continue }
            // One that is gone by now, or may not be read, is not among them.
            guard let place = try? place(of: name) else { continue }
            entries.append(VaultEntry(name: name, updated: place.changed))
        }
    }

    /// What a name stands for: a regular file inside the directory.
    private func place(of name: String) throws(VaultFailure) -> FilePlace {
        let place: FilePlace
        do {
            place = try FilePlace(name, in: files.descriptor)
        } catch {
            throw Self.failure(error, of: "the file", missing: .notFound)
        }
        // Removed since: as good as never there.
        guard place.path != nil else { throw VaultFailure(.notFound) }
        guard place.isInside(rootPath) else { throw Self.outside }
        if place.isDirectory { throw VaultFailure(.notFound, detail: "there is a directory of this name, not a file") }
        guard place.isRegularFile else {
            throw VaultFailure(.untrusted, detail: "the file is a device, a pipe or a socket")
        }
        return place
    }

    /// What an error of the system means.
    ///
    /// - Parameters:
    ///   - subject: What it is about, such as `the file`.
    ///   - missing: What it means that this is not there.
    static func failure(
        _ error: SystemCallError, of subject: String, missing: VaultFailure.Reason
    ) -> VaultFailure {
        switch error.number {
        case ENOENT: VaultFailure(missing, detail: missing == .notFound ? nil : "\(subject) does not exist")
        case ENOTDIR: VaultFailure(missing, detail: "\(subject) is not where it should be")
        case ELOOP: VaultFailure(missing, detail: "\(subject) is a symbolic link that leads to itself")
        case EACCES, EPERM: VaultFailure(.denied, detail: "this process may not use \(subject)")
        case ENOSPC, EDQUOT: VaultFailure(.full, detail: "there is no space left on the file system")
        case EROFS: VaultFailure(.readOnly, detail: "the file system is mounted read-only")
        case ENAMETOOLONG, EINVAL: VaultFailure(.unacceptable, detail: "\(subject) cannot have such a name")
        case EISDIR, EEXIST, ENOTEMPTY: VaultFailure(.conflict, detail: "\(subject) was replaced at the same time")
        default: VaultFailure(.unreachable, detail: "\(subject) fails: \(error)")
        }
    }
}

extension LinkPolicy {
    /// Whether a directory may be read that is listed by a path with symbolic links in it, such as `/var/run/secrets`.
    fileprivate func allowsResolved(directory path: String) -> Bool {
        let resolved = directories.compactMap { try? FilePlace($0, isDirectory: true).path }
        return LinkPolicy(directories: resolved).allows(directory: path)
    }
}
