internal import Foundation
internal import Glibc
internal import SecretCrypto

/// Programs that notebooks were compiled to, so that running one again takes milliseconds.
///
/// ```
/// FOLDER/                     0700
///   modules/                  the modules that the compiler has read
///   builds/KEY/TOOLCHAIN      one program: KEY is the SHA-256 of the cells' program, the flags and DBUtils,
///                             TOOLCHAIN that of the compiler's identity
///
/// file = "hush notebook build 1\n" ‖ key ‖ toolchain ‖ digest of the program ‖ tag (32 bytes each) ‖ program
/// tag  = MAC over everything before it
/// ```
///
/// Whoever can write the folder but does not have the key of the authenticator can make nothing run: a file whose tag
/// or digest does not fit counts as absent. What has been checked is copied and sealed before it runs.
public struct NotebookBuildCache: Sendable {
    /// The most programs that are kept; the ones that were made first go first.
    private static let capacity = 200
    private static let header = Array("hush notebook build 1\n".utf8)

    /// The cache's folder.
    public let folder: String
    private let authenticator: any CacheAuthenticator

    /// Uses `folder`, and creates it if need be.
    ///
    /// - Throws: ``NotebookError`` when it cannot be made, or belongs to or can be read by others.
    public init(folder: String, authenticator: any CacheAuthenticator) throws(NotebookError) {
        self.folder = folder
        self.authenticator = authenticator
        for path in [folder, modules, builds, temporary] {
            try Self.makePrivate(path)
        }
    }

    var modules: String { "\(folder)/modules" }
    var temporary: String { "\(folder)/tmp" }
    private var builds: String { "\(folder)/builds" }

    /// What a program was made from.
    struct Key: Sendable {
        /// Everything but the compiler.
        var source: Digest
        /// The compiler; `nil` when there is none, and then any will do.
        var toolchain: Digest?
    }

    /// The key for `notebook` with what it is compiled with.
    static func key(
        for notebook: Notebook,
        dbutils: DBUtilsLocation,
        toolchain: SwiftToolchain?
    ) throws(NotebookError) -> Key {
        var hasher = SHA256.Hasher()
        func update(_ bytes: [UInt8]) {
            let length = withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { [UInt8]($0) }
            hasher.update(length.span.bytes)
            hasher.update(bytes.span.bytes)
        }
        update(Array("\(Compilation.version) \(dbutils.folder)".utf8))
        for path in [dbutils.interface, dbutils.library] {
            guard let contents = FileManager.default.contents(atPath: path) else {
                throw NotebookError(.missingLibrary, "The file \(path) cannot be read. Install hush again.")
            }
            update([UInt8](contents))
        }
        let program = GeneratedProgram(notebook.codeCells, of: notebook.name, for: .run(displayedCells: []))
        update(Array(program.text.utf8))
        return Key(
            source: hasher.finalize(),
            toolchain: toolchain.map { SHA256.hash(Array($0.identity.utf8).span.bytes) }
        )
    }

    /// The program that was kept under `key`, if there is one and it is authentic.
    func program(for key: Key) -> [UInt8]? {
        let folder = "\(builds)/\(key.source)"
        let names = key.toolchain.map { ["\($0)"] } ?? Self.newestFirst(in: folder)
        for name in names {
            guard let contents = FileManager.default.contents(atPath: "\(folder)/\(name)"),
                let program = program(in: [UInt8](contents), key: key)
            else { continue }
            return program
        }
        return nil
    }

    /// Keeps `program` under `key`.
    ///
    /// - Throws: ``NotebookError`` when it cannot be written.
    func keep(_ program: [UInt8], for key: Key) throws(NotebookError) {
        guard let toolchain = key.toolchain else { return }
        let digest = SHA256.hash(program.span.bytes)
        let head = Self.header + key.source.bytes + toolchain.bytes + digest.bytes
        let tag = authenticator.tag(for: head.span.bytes)
        let folder = "\(builds)/\(key.source)"
        try Self.makePrivate(folder)
        try PrivateFile.write(head + tag.bytes + program, to: "\(folder)/\(toolchain)")
        removeOldest()
    }

    private func program(in contents: [UInt8], key: Key) -> [UInt8]? {
        let size = Digest.byteCount
        let headLength = Self.header.count + 3 * size
        guard contents.count > headLength + size, contents.starts(with: Self.header) else { return nil }
        let head = Array(contents[..<headLength])
        func field(_ index: Int) -> Digest? {
            let start = Self.header.count + index * size
            return Digest(bytes: Array(contents[start..<(start + size)]).span.bytes)
        }
        let program = Array(contents[(headLength + size)...])
        guard let tag = field(3), authenticator.isValid(tag, for: head.span.bytes), field(0) == key.source,
            key.toolchain == nil || field(1) == key.toolchain, field(2) == SHA256.hash(program.span.bytes)
        else { return nil }
        return program
    }

    /// Removes the programs that are too many, and folders that a killed process left behind a day ago.
    private func removeOldest() {
        let yesterday = time(nil) - 24 * 60 * 60
        for name in Self.newestFirst(in: temporary) {
            var status = stat()
            guard lstat("\(temporary)/\(name)", &status) == 0, status.st_mtim.tv_sec < yesterday else { continue }
            try? FileManager.default.removeItem(atPath: "\(temporary)/\(name)")
        }
        let keys = Self.newestFirst(in: builds)
        for key in keys.dropFirst(Self.capacity) {
            try? FileManager.default.removeItem(atPath: "\(builds)/\(key)")
        }
    }

    private static func newestFirst(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        func date(_ name: String) -> Double {
            var status = stat()
            guard lstat("\(folder)/\(name)", &status) == 0 else { return 0 }
            return Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
        }
        return names.map { ($0, date($0)) }.sorted { $0.1 > $1.1 }.map(\.0)
    }

    private static func makePrivate(_ path: String) throws(NotebookError) {
        var status = stat()
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw NotebookError(
                .unusableCache, "The folder \(path) cannot be made: \(String(cString: strerror(errno))).")
        }
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
            status.st_mode & 0o077 == 0
        else {
            throw NotebookError(
                .unusableCache,
                "The folder \(path) must be a folder of yours that nobody else can use. Try chmod 700 \(path)."
            )
        }
    }
}
