internal import SecretMemory

/// One of the two files in which AWS' tools keep profiles, `~/.aws/config` and `~/.aws/credentials`.
///
/// The files' language is that of Python's `configparser`, which AWS' own tools read them with: sections in brackets,
/// `name = value` or `name: value`, names in any case, comments on lines of their own, and indented lines below a name
/// without a value for settings inside it.
struct AWSProfileFile: Sendable {
    /// What stands below one heading.
    struct Section: Sendable {
        var values: [String: String] = [:]
        /// The values of those names that stand for secrets.
        var secrets: [String: SecretBytes] = [:]
        /// The settings inside settings, such as the endpoints of a section `[services NAME]`.
        var nested: [String: [String: String]] = [:]
    }

    private static let secretNames: Set<String> = ["aws_secret_access_key", "aws_session_token", "aws_security_token"]

    /// The sections by their headings.
    private(set) var sections: [String: Section] = [:]

    /// A file without sections.
    init() {}

    /// Reads a file. What is not understood is passed over, as AWS' tools do with settings that they do not know.
    init(_ bytes: RawSpan, in pool: SecretPool) {
        var heading: String?
        var outer: String?
        var start = 0
        while start < bytes.byteCount {
            var end = start
            while end < bytes.byteCount, Self.byte(bytes, end) != 0x0A { end += 1 }
            let line = Self.trimmed(bytes, start..<end)
            let isIndented = line.lowerBound > start
            start = end + 1
            guard
                !line.isEmpty, Self.byte(bytes, line.lowerBound) != UInt8(ascii: "#"),
                Self.byte(bytes, line.lowerBound) != UInt8(ascii: ";")
            else { continue }
            if Self.byte(bytes, line.lowerBound) == UInt8(ascii: "[") {
                heading = Self.heading(Self.text(bytes, line))
                outer = nil
                if let heading, sections[heading] == nil { sections[heading] = Section() }
                continue
            }
            guard let heading, let (name, value) = Self.setting(bytes, line) else { continue }
            if isIndented, let outer {
                sections[heading]?.nested[outer, default: [:]][name] = Self.text(bytes, value)
            } else if Self.secretNames.contains(name) {
                sections[heading]?.secrets[name] = SecretBytes(copying: bytes.extracting(value), in: pool)
            } else {
                sections[heading]?.values[name] = Self.text(bytes, value)
                outer = value.isEmpty ? name : nil
            }
        }
    }

    /// The words of a heading, such as `profile` and `build`, parted by one space, without quotes.
    private static func heading(_ line: String) -> String? {
        guard let end = line.firstIndex(of: "]") else { return nil }
        let words = line[..<end].dropFirst().split(whereSeparator: \.isWhitespace)
        return words.joined(separator: " ").filter { $0 != "\"" && $0 != "'" }
    }

    private static func setting(_ bytes: RawSpan, _ line: Range<Int>) -> (name: String, value: Range<Int>)? {
        for position in line
        where byte(bytes, position) == UInt8(ascii: "=") || byte(bytes, position) == UInt8(ascii: ":") {
            let name = text(bytes, trimmed(bytes, line.lowerBound..<position)).lowercased()
            return name.isEmpty ? nil : (name, trimmed(bytes, (position + 1)..<line.upperBound))
        }
        return nil
    }

    private static func trimmed(_ bytes: RawSpan, _ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, isSpace(byte(bytes, start)) { start += 1 }
        while end > start, isSpace(byte(bytes, end - 1)) { end -= 1 }
        return start..<end
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    private static func byte(_ bytes: RawSpan, _ position: Int) -> UInt8 {
        bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
    }

    private static func text(_ bytes: RawSpan, _ range: Range<Int>) -> String {
        bytes.extracting(range).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}
