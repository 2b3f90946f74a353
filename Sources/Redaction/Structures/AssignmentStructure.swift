import SecretMemory

/// Lines of `KEY=VALUE`, as in an environment file, or such pairs between semicolons, as in a connection string: the
/// values whose keys are those of secrets.
enum AssignmentStructure: ValueStructure {
    static let name = "assigned value"

    static func parts(of value: RawSpan, in pool: SecretPool) -> [SecretBytes] {
        // `A=b;C=d` may be meant in either way.
        [UInt8.lineFeed, UInt8(ascii: ";")].flatMap { parts(of: value, between: $0, in: pool) ?? [] }
    }

    /// `nil` when what is between separators is not, all of it, an assignment, a comment or nothing.
    private static func parts(of value: RawSpan, between separator: UInt8, in pool: SecretPool) -> [SecretBytes]? {
        var parts: [SecretBytes] = []
        var hasSeparator = false
        var start = 0
        while start <= value.byteCount {
            let end = (start..<value.byteCount).first { value[byte: $0] == separator } ?? value.byteCount
            let line = value.extracting(start..<end)
            let text = line.extracting(line.rangeWithoutWhitespace)
            start = end + 1
            if end < value.byteCount { hasSeparator = true }
            if text.byteCount == 0 || separator == .lineFeed && text[byte: 0] == UInt8(ascii: "#") { continue }
            guard let equals = nameEnd(in: text, allowingSpaces: separator != .lineFeed) else { return nil }
            let content = text.extracting(contentRange(of: text, from: equals + 1))
            if PartName(text.extracting(0..<equals)).isSecret(content) {
                parts.append(SecretBytes(copying: content, in: pool))
            }
        }
        // One pair alone is a line.
        return separator == .lineFeed || hasSeparator ? parts : nil
    }

    /// Where the equals sign stands behind a name: letters, digits, `_`, `.` and `-`.
    private static func nameEnd(in text: RawSpan, allowingSpaces: Bool) -> Int? {
        var position = 0
        let export = Array("export ".utf8)
        if text.byteCount > export.count, export.indices.allSatisfy({ text[byte: $0] == export[$0] }) {
            position = export.count
        }
        let start = position
        while position < text.byteCount, text[byte: position] != UInt8(ascii: "=") {
            let byte = text[byte: position]
            let isOfName =
                byte.isAlphanumeric || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
                || byte == UInt8(ascii: "-")
                || allowingSpaces && byte == 0x20
            guard isOfName else { return nil }
            position += 1
        }
        guard position > start, position < text.byteCount, !text[byte: start].isDigit else { return nil }
        return position
    }

    /// What stands from `start` on, without white space and quotation marks around it.
    private static func contentRange(of text: RawSpan, from start: Int) -> Range<Int> {
        let trimmed = text.extracting(start..<text.byteCount).rangeWithoutWhitespace
        let range = trimmed.lowerBound + start..<trimmed.upperBound + start
        guard range.count >= 2 else { return range }
        let mark = text[byte: range.lowerBound]
        guard mark == UInt8(ascii: "\"") || mark == UInt8(ascii: "'") else { return range }
        return text[byte: range.upperBound - 1] == mark ? range.dropFirst().dropLast() : range
    }
}
