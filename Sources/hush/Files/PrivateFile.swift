import ArgumentParser
import Glibc
import SecretCrypto

/// Where a command writes, when not to standard output.
struct NewFileOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Write to this new file, which only you can read, instead of standard output.", valueName: "path"),
        completion: .file()
    )
    var out: String?

    @Flag(help: "Replace the file if there is one.")
    var force = false

    /// The file to write; `nil` for standard output.
    ///
    /// - Throws: ``CommandFailure`` when it is there and must not be replaced, ``UsageFailure`` when `--force` has no file.
    func target() throws -> PrivateFile? {
        guard let out else {
            guard !force else { throw UsageFailure("--force goes with --out. Give the file, or leave it out.") }
            return nil
        }
        let file = PrivateFile(path: out, replaces: force)
        try file.check()
        return file
    }
}

/// A file that only its owner can read, and that has its name only when it is complete.
///
/// Until then it has a name that begins with `.hush-`, in the same folder.
struct PrivateFile {
    let path: String
    /// Whether it takes the place of a file that is there.
    let replaces: Bool

    /// - Throws: ``CommandFailure`` when something is there that must not be replaced.
    func check() throws {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw failure("cannot be written (\(Self.reason)).") }
            return
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw failure("is no file. Choose another name.") }
        guard replaces else { throw failure("is there already. Choose another name, or replace it by --force.") }
    }

    /// Writes all of it.
    ///
    /// - Throws: ``CommandFailure`` when that fails; what was there before is as it was.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let temporary = folder + ".hush-" + Hexadecimal.encode(SystemRandomSource().bytes(count: 8))
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("cannot be written (\(Self.reason)).") }
        var isInPlace = false
        defer {
            close(descriptor)
            if !isInPlace { unlink(temporary) }
        }
        // Whatever the process's file mode creation mask is.
        guard fchmod(descriptor, 0o600) == 0 else { throw failure("cannot be written (\(Self.reason)).") }
        try TextOutput(descriptor: descriptor, diesOfBrokenPipe: false).write(bytes)
        guard fsync(descriptor) == 0 else { throw failure("cannot be written (\(Self.reason)).") }
        try check()
        if replaces {
            guard rename(temporary, path) == 0 else { throw failure("cannot be written (\(Self.reason)).") }
            isInPlace = true
        } else {
            // Unlike a renamed file, a link never takes the place of another.
            guard link(temporary, path) == 0 else { throw failure("cannot be written (\(Self.reason)).") }
        }
    }

    private static var reason: String { String(cString: strerror(errno)) }

    private func failure(_ reason: String) -> CommandFailure {
        CommandFailure("The file \(path) \(reason)")
    }
}
