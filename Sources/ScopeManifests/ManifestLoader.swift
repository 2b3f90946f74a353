// Depending on what else is compiled beside this file, `struct stat` belongs to Glibc's module or to Dispatch's.
internal import Dispatch
internal import Glibc
internal import SecretMemory
internal import SecretScopes

extension Manifest {
    /// The most bytes that one file may hold.
    public static let largestFile = 1024 * 1024

    /// Reads all manifests of folders, and single files.
    ///
    /// In a folder these are the files whose names end in `.yaml` or `.yml`, in the order of their names; folders in
    /// it, hidden files and others are left alone. A file that is reached twice is read once.
    ///
    /// - Throws: ``ManifestError`` with everything that is wrong in any of them, duplicates across files included.
    public static func load(from paths: [String]) throws(ManifestError) -> Manifest {
        var manifest = Manifest()
        var problems: [ManifestProblem] = []
        var read: Set<String> = []
        for path in paths {
            do throws(ManifestError) {
                for file in try files(at: path) where read.insert(resolved(file)).inserted {
                    do throws(ManifestProblem) {
                        let parsed = ManifestParser.parse(try text(ofFile: file), file: file)
                        manifest.append(parsed.manifest)
                        problems += parsed.problems
                    } catch {
                        problems.append(error)
                    }
                }
            } catch {
                problems += error.problems
            }
        }
        problems += DuplicateSearch.problems(in: manifest) + GroupCycleSearch.problems(in: manifest)
        guard problems.isEmpty else { throw ManifestError(problems) }
        return manifest
    }

    /// Reads one text, as `load(from:)` reads a file.
    ///
    /// - Parameter file: The name of the text in messages; relative `file:` references begin at its folder.
    /// - Throws: ``ManifestError`` with everything that is wrong in it.
    public static func parse(_ text: String, file: String) throws(ManifestError) -> Manifest {
        let parsed = ManifestParser.parse(text, file: file)
        let manifest = parsed.manifest
        let problems =
            parsed.problems + DuplicateSearch.problems(in: manifest) + GroupCycleSearch.problems(in: manifest)
        guard problems.isEmpty else { throw ManifestError(problems) }
        return parsed.manifest
    }

    private static func files(at path: String) throws(ManifestError) -> [String] {
        guard let folder = opendir(path) else {
            guard errno == ENOTDIR else { throw ManifestError([cannotRead(path, errno)]) }
            return [path]
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard !name.hasPrefix("."), name.hasSuffix(".yaml") || name.hasSuffix(".yml") else { continue }
            names.append(path.hasSuffix("/") ? path + name : path + "/" + name)
        }
        guard !names.isEmpty else {
            throw ManifestError([ManifestProblem("\(path) holds no manifests. Name a folder with *.yaml files.")])
        }
        return names.sorted()
    }

    /// The one path of a file that has several, so that it is not taken for several files.
    private static func resolved(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func text(ofFile path: String) throws(ManifestProblem) -> String {
        var bytes: [UInt8] = []
        do throws(FileReadError) {
            try RegularFile.read(path, limit: largestFile) { bytes.append(contentsOf: $0) }
        } catch {
            throw ManifestProblem("\(path): \(error.reason)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ManifestProblem("\(path): not a text in UTF-8. Save it as UTF-8.")
        }
        return text
    }

    private static func cannotRead(_ path: String, _ number: Int32) -> ManifestProblem {
        ManifestProblem("\(path): \(String(cString: strerror(number))). Name a folder with *.yaml files.")
    }
}

/// Why a file could not be read, in words that follow its name.
struct FileReadError: Error {
    let reason: String
}

/// Reads files that other people may have placed: only regular ones, never more than is wanted.
enum RegularFile {
    /// Calls `body` with one piece of the file after the other.
    ///
    /// - Throws: ``FileReadError`` when the file cannot be read, is not a regular file, or is larger than `limit`.
    static func read(
        _ path: String,
        limit: Int,
        body: (UnsafeRawBufferPointer) -> Void
    ) throws(FileReadError) {
        let descriptor = try open(path)
        defer { close(descriptor) }
        var total = 0
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
        defer { piece.deallocate() }
        while true {
            let count = Glibc.read(descriptor, piece.baseAddress, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileReadError(reason: String(cString: strerror(errno))) }
            guard count > 0 else { return }
            total += count
            guard total <= limit else { throw tooLarge(limit) }
            body(UnsafeRawBufferPointer(rebasing: piece[..<count]))
        }
    }

    /// Opens the file and checks what it is. Opening a pipe does not wait for its other end.
    static func open(_ path: String) throws(FileReadError) -> Int32 {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileReadError(reason: String(cString: strerror(errno))) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw FileReadError(reason: "not a regular file")
        }
        return descriptor
    }

    static func tooLarge(_ limit: Int) -> FileReadError {
        FileReadError(reason: "larger than \(limit) bytes")
    }
}
