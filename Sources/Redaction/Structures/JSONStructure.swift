import SecretMemory

/// A JSON object, as for a service account or a database: the strings and numbers in it whose names are those of secrets.
enum JSONStructure: ValueStructure {
    static let name = "JSON value"

    static func parts(of value: RawSpan, in pool: SecretPool) -> [SecretBytes] {
        let text = value.extracting(value.rangeWithoutWhitespace)
        guard text.byteCount >= 2, text[byte: 0] == UInt8(ascii: "{") else { return [] }
        var reader = JSONReader(pool: pool, end: text.byteCount)
        return reader.readDocument(text) ? reader.parts : []
    }
}

/// Goes once through a JSON document and collects secret leaves. Nothing else of it is copied.
private struct JSONReader {
    private static let maximumDepth = 32

    let pool: SecretPool
    private let end: Int
    private var position = 0
    private(set) var parts: [SecretBytes] = []

    init(pool: SecretPool, end: Int) {
        self.pool = pool
        self.end = end
    }

    /// Whether all of `text` is one value.
    mutating func readDocument(_ text: RawSpan) -> Bool {
        guard readValue(text, named: .unknown, depth: 0) else { return false }
        skipSpace(text)
        return position == end
    }

    private mutating func readValue(_ text: RawSpan, named name: PartName, depth: Int) -> Bool {
        skipSpace(text)
        guard position < end, depth < Self.maximumDepth else { return false }
        switch text[byte: position] {
        case UInt8(ascii: "{"):
            return readMembers(text, depth: depth)
        case UInt8(ascii: "["):
            return readElements(text, named: name, depth: depth)
        case UInt8(ascii: "\""):
            guard let content = readString(text) else { return false }
            let value = decode(text.extracting(content))
            if value.withBytes({ name.isSecret($0) }) { parts.append(value) }
            return true
        default:
            let start = position
            while position < end, Self.isPlain(text[byte: position]) { position += 1 }
            let word = text.extracting(start..<position)
            // A number is a secret by its name only: a PIN, but no time-out.
            if case .secret = name, word.byteCount > 0, word[byte: 0].isDigit {
                parts.append(SecretBytes(copying: word, in: pool))
            }
            return position > start
        }
    }

    private mutating func readMembers(_ text: RawSpan, depth: Int) -> Bool {
        position += 1
        if take(UInt8(ascii: "}"), text) { return true }
        repeat {
            skipSpace(text)
            guard position < end, text[byte: position] == UInt8(ascii: "\"") else { return false }
            guard let name = readString(text), take(UInt8(ascii: ":"), text) else { return false }
            guard readValue(text, named: PartName(text.extracting(name)), depth: depth + 1) else { return false }
        } while take(UInt8(ascii: ","), text)
        return take(UInt8(ascii: "}"), text)
    }

    private mutating func readElements(_ text: RawSpan, named name: PartName, depth: Int) -> Bool {
        position += 1
        if take(UInt8(ascii: "]"), text) { return true }
        repeat {
            guard readValue(text, named: name, depth: depth + 1) else { return false }
        } while take(UInt8(ascii: ","), text)
        return take(UInt8(ascii: "]"), text)
    }

    /// Goes past a string and returns what is between its quotation marks.
    private mutating func readString(_ text: RawSpan) -> Range<Int>? {
        let start = position + 1
        position = start
        while position < end, text[byte: position] != UInt8(ascii: "\"") {
            position += text[byte: position] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard position < end else { return nil }
        position += 1
        return start..<position - 1
    }

    private mutating func take(_ byte: UInt8, _ text: RawSpan) -> Bool {
        skipSpace(text)
        guard position < end, text[byte: position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace(_ text: RawSpan) {
        while position < end, text[byte: position].isWhitespace { position += 1 }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte.isAlphanumeric || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
    }

    /// What a string stands for. Its escapes are read as redaction reads them.
    private func decode(_ content: RawSpan) -> SecretBytes {
        content.withUnsafeBytes { bytes in
            var window = InputWindow(
                start: 0, before: nil, kept: UnsafeRawBufferPointer(start: nil, count: 0), fresh: bytes)
            window.isLast = true
            var buffer = SecretBuffer(in: pool)
            var position = 0
            while position < bytes.count {
                var unit = ReadingUnit.none
                if bytes[position] == UInt8(ascii: "\\") { unit = BackslashReading.escape(at: position, in: window) }
                if case .bytes(var value, let count, let length) = unit {
                    for _ in 0..<count {
                        buffer.append(UInt8(truncatingIfNeeded: value))
                        value >>= 8
                    }
                    position += length
                } else {
                    buffer.append(bytes[position])
                    position += 1
                }
            }
            return buffer.finish()
        }
    }
}
