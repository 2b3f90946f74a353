internal import Glibc
internal import Processes
internal import SecretMemory

/// A program that may be run for a link: a file that nobody can change or replace but root and this process's own user.
struct ProgramFile {
    /// Where the file is, without symbolic links.
    let path: String
    /// The file, when it can be started by its descriptor; `nil` for a script, whose interpreter needs a path.
    let descriptor: OwnedDescriptor?

    private static let mostLinks = 40

    /// Finds the program and checks its file and every directory and symbolic link on the way to it.
    ///
    /// Who can write to a directory on the way could put another program in the place of this one, after it was checked too.
    ///
    /// - Throws: ``VaultFailure`` with `untrusted` when somebody else could change it.
    init(_ path: String) throws(VaultFailure) {
        let resolved = try Self.resolve(path)
        let place: FilePlace
        do {
            place = try FilePlace(resolved)
        } catch {
            throw LinkedDirectory.failure(error, of: "the program", missing: .unreachable)
        }
        guard place.isRegularFile else {
            throw VaultFailure(.untrusted, detail: "the program is not a file")
        }
        try Self.check(place.status, path)
        guard place.status.st_mode & 0o111 != 0 else {
            throw VaultFailure(.denied, detail: "the program's file is not executable")
        }
        self.path = resolved
        self.descriptor = Self.isScript(place) ? nil : place.descriptor
    }

    /// The path without symbolic links.
    private static func resolve(_ path: String) throws(VaultFailure) -> String {
        var left = path.split(separator: "/").map(String.init)
        var resolved: [String] = []
        var links = 0
        while !left.isEmpty {
            let segment = left.removeFirst()
            if segment == "." { continue }
            if segment == ".." {
                resolved = resolved.dropLast()
                continue
            }
            let name = "/" + (resolved + [segment]).joined(separator: "/")
            var status = stat()
            guard lstat(name, &status) == 0 else {
                throw LinkedDirectory.failure(
                    SystemCallError(call: "lstat", number: errno), of: "the program", missing: .unreachable)
            }
            switch status.st_mode & S_IFMT {
            case S_IFLNK:
                links += 1
                guard links <= mostLinks, let target = FilePlace.target(of: name, in: AT_FDCWD) else {
                    throw VaultFailure(.unreachable, detail: "the program is a symbolic link that leads nowhere")
                }
                try check(owner: status, name)
                if target.hasPrefix("/") { resolved = [] }
                left = target.split(separator: "/").map(String.init) + left
                continue
            case S_IFDIR: try check(status, name)
            default:
                guard left.isEmpty else {
                    throw VaultFailure(.unreachable, detail: "the program is not where it should be")
                }
            }
            resolved.append(segment)
        }
        return "/" + resolved.joined(separator: "/")
    }

    private static func check(owner status: stat, _ path: String) throws(VaultFailure) {
        guard status.st_uid == 0 || status.st_uid == geteuid() else {
            throw VaultFailure(.untrusted, detail: "\(path) belongs to another user than root and this process's")
        }
    }

    private static func check(_ status: stat, _ path: String) throws(VaultFailure) {
        try check(owner: status, path)
        // In a directory that is sticky, such as /tmp, nobody can replace what is another one's.
        let isSticky = status.st_mode & S_IFMT == S_IFDIR && status.st_mode & S_ISVTX != 0
        guard isSticky || status.st_mode & 0o022 == 0 else {
            throw VaultFailure(
                .untrusted, detail: "\(path) can be changed by others; take away their right to write with chmod go-w")
        }
    }

    private static func isScript(_ place: FilePlace) -> Bool {
        guard let file = try? place.open() else { return false }
        var start: [UInt8] = [0, 0]
        return read(file.number, &start, 2) == 2 && start == Array("#!".utf8)
    }
}
