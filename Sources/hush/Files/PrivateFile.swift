import ArgumentParser
import CLinux
import Glibc
import Processes
import SecretCrypto
import SecretMemory

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
        var folder = "."
        var name = path
        if let slash = path.lastIndex(of: "/") {
            folder = String(path[...slash])
            name = String(path[path.index(after: slash)...])
        }
        let number = clinux_open_place(AT_FDCWD, folder, true)
        guard number >= 0 else { throw failure("cannot be written (\(Self.reason)).") }
        do {
            let random = Hexadecimal.encode(SystemRandomSource().bytes(count: 8))
            let file = try NewFile(in: OwnedDescriptor(number), temporaryName: ".hush-" + random)
            try file.write(bytes)
            guard replaces else { return try file.place(as: name) }
            try check()
            try file.place(over: name)
        } catch let error as SystemCallError {
            // Somebody made it meanwhile.
            if error.number == EEXIST { try check() }
            throw failure("cannot be written (\(String(cString: strerror(error.number)))).")
        }
    }

    private static var reason: String { String(cString: strerror(errno)) }

    private func failure(_ reason: String) -> CommandFailure {
        CommandFailure("The file \(path) \(reason)")
    }
}
