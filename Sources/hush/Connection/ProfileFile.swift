import Glibc
import SecretMemory

/// The file with the profiles that Databricks' command line and SDKs share, `~/.databrickscfg`.
///
/// Sections in brackets, each with lines `key = value`; a line that begins with `#` or `;` is a comment, and so is what
/// stands behind a space and `#`. A section inherits nothing.
struct ProfileFile: Sendable {
    /// One section.
    struct Profile: Sendable {
        fileprivate var values: [String: SecretBytes] = [:]

        /// A value that is not secret.
        func text(_ key: String) -> String? {
            values[key]?.withBytes { bytes in bytes.withUnsafeBytes { String(validating: $0, as: UTF8.self) } }
        }

        /// A value that may be secret.
        func secret(_ key: String) -> SecretBytes? {
            values[key]
        }
    }

    /// A line, with its end.
    struct Line {
        var range: Range<Int>
        /// The section's name, when the line begins one.
        var section: String?
        /// The key and where its value lies, when it has one.
        var entry: (key: String, value: Range<Int>)?
    }

    static let longestFile = 1024 * 1024

    let path: String
    let contents: SecretBytes
    let lines: [Line]

    /// Where the file is: `DATABRICKS_CONFIG_FILE`, else in the user's home.
    static func path(in environment: ProcessEnvironment) throws -> String {
        if let path = environment.text("DATABRICKS_CONFIG_FILE") { return path }
        guard let home = environment.text("HOME") ?? environment.homeOfRecord else {
            throw CommandFailure("The home folder is not known. Set DATABRICKS_CONFIG_FILE to the file with profiles.")
        }
        return home + "/.databrickscfg"
    }

    /// Reads the file; `nil` when there is none.
    ///
    /// - Throws: ``CommandFailure`` when it cannot be read or is too large.
    init?(path: String, pool: SecretPool) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw Self.unreadable(path, errno) }
            return nil
        }
        defer { close(descriptor) }
        var contents = SecretBuffer(in: pool)
        do {
            guard try contents.appendAll(from: descriptor, limit: Self.longestFile) else {
                throw CommandFailure("The file \(path) is larger than \(Self.longestFile) bytes.")
            }
        } catch let error as SystemCallError {
            throw Self.unreadable(path, error.number)
        }
        self.init(path: path, contents: contents.finish())
    }

    /// The file with what it holds.
    init(path: String, contents: SecretBytes) {
        self.path = path
        self.contents = contents
        self.lines = contents.withBytes { bytes in
            bytes.withUnsafeBytes { Self.lines(of: $0) }
        }
    }

    /// The names of all profiles, in the file's order.
    var names: [String] {
        lines.compactMap(\.section).filter { $0 != "__settings__" }
    }

    /// The profile of that name.
    func profile(named name: String) -> Profile? {
        guard let range = lines(ofProfile: name) else { return nil }
        var profile = Profile()
        for line in lines[range] {
            guard let entry = line.entry, !entry.value.isEmpty else { continue }
            profile.values[entry.key] = contents.slice(entry.value)
        }
        return profile
    }

    /// The lines of the profile of that name, its first one included.
    func lines(ofProfile name: String) -> Range<Int>? {
        guard let start = lines.firstIndex(where: { $0.section == name }) else { return nil }
        let end = lines[(start + 1)...].firstIndex { $0.section != nil } ?? lines.endIndex
        return start..<end
    }

    private static func unreadable(_ path: String, _ number: Int32) -> CommandFailure {
        CommandFailure("The file \(path) cannot be read (\(String(cString: strerror(number)))).")
    }

    private static func lines(of bytes: UnsafeRawBufferPointer) -> [Line] {
        var lines: [Line] = []
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
            lines.append(line(start..<end, of: bytes))
            start = end
        }
        return lines
    }

    private static func line(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer) -> Line {
        let text = trimmed(range, of: bytes)
        guard let first = text.first.map({ bytes[$0] }) else { return Line(range: range) }
        switch first {
        case UInt8(ascii: "#"), UInt8(ascii: ";"):
            return Line(range: range)
        case UInt8(ascii: "["):
            guard let end = text.first(where: { bytes[$0] == UInt8(ascii: "]") }) else { return Line(range: range) }
            let name = trimmed((text.lowerBound + 1)..<end, of: bytes)
            return Line(range: range, section: String(decoding: bytes[name], as: UTF8.self))
        default:
            guard let separator = text.first(where: { bytes[$0] == UInt8(ascii: "=") }) else {
                return Line(range: range)
            }
            let key = String(decoding: bytes[trimmed(text.lowerBound..<separator, of: bytes)], as: UTF8.self)
            var value = trimmed((separator + 1)..<text.upperBound, of: bytes)
            let comment = value.dropFirst().first { bytes[$0] == UInt8(ascii: "#") && isBlank(bytes[$0 - 1]) }
            if let comment { value = trimmed(value.lowerBound..<comment, of: bytes) }
            return Line(range: range, entry: (key.lowercased(), value))
        }
    }

    private static func trimmed(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer) -> Range<Int> {
        var range = range
        while let first = range.first, isBlank(bytes[first]) { range = range.dropFirst() }
        while let last = range.last, isBlank(bytes[last]) { range = range.dropLast() }
        return range
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }
}
