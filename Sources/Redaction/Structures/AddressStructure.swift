import SecretMemory

/// An address with a password: `scheme://user:password@host:port/path`. The password, as it is written and, where it is
/// percent-encoded, as it is meant; and the secret ones of what a query says: `?sig=…`.
enum AddressStructure: ValueStructure {
    static let name = "password in a URL"

    static func parts(of value: RawSpan, in pool: SecretPool) -> [SecretBytes] {
        let text = value.extracting(value.rangeWithoutWhitespace)
        guard let start = authorityStart(in: text), text.allSatisfy({ !$0.isWhitespace }) else { return [] }
        var end = start
        while end < text.byteCount, !isEndOfAuthority(text[byte: end]) { end += 1 }
        var parts: [SecretBytes] = []
        // A password may hold an `@` that was not encoded, but a host cannot.
        if let mark = last(UInt8(ascii: "@"), in: start..<end, of: text),
            let colon = first(UInt8(ascii: ":"), in: start..<mark, of: text)
        {
            parts = written(text.extracting(colon + 1..<mark), in: pool)
        }
        if let query = first(UInt8(ascii: "?"), in: start..<text.byteCount, of: text) {
            parts += queryParts(of: text.extracting(query + 1..<text.byteCount), in: pool)
        }
        return parts
    }

    /// The position behind `scheme://`.
    private static func authorityStart(in text: RawSpan) -> Int? {
        var position = 0
        while position < text.byteCount, isOfScheme(text[byte: position]) { position += 1 }
        guard position > 0, position + 3 < text.byteCount else { return nil }
        let marks = (text[byte: position], text[byte: position + 1], text[byte: position + 2])
        return marks == (UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "/")) ? position + 3 : nil
    }

    /// Also of `jdbc:postgresql://` and `mongodb+srv://`.
    private static func isOfScheme(_ byte: UInt8) -> Bool {
        byte.isAlphanumeric || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private static func isEndOfAuthority(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }

    private static func queryParts(of query: RawSpan, in pool: SecretPool) -> [SecretBytes] {
        var parts: [SecretBytes] = []
        var start = 0
        while start < query.byteCount {
            let end = first(UInt8(ascii: "&"), in: start..<query.byteCount, of: query) ?? query.byteCount
            if let equals = first(UInt8(ascii: "="), in: start..<end, of: query),
                case .secret = PartName(query.extracting(start..<equals))
            {
                parts += written(query.extracting(equals + 1..<end), in: pool)
            }
            start = end + 1
        }
        return parts
    }

    /// `part` as it is and, if that is something else, decoded.
    private static func written(_ part: RawSpan, in pool: SecretPool) -> [SecretBytes] {
        let plain = SecretBytes(copying: part, in: pool)
        let decoded = part.withUnsafeBytes { bytes in
            var window = InputWindow(
                start: 0, before: nil, kept: UnsafeRawBufferPointer(start: nil, count: 0), fresh: bytes)
            window.isLast = true
            var buffer = SecretBuffer(in: pool)
            var position = 0
            while position < bytes.count {
                guard
                    case .bytes(let value, _, let length) = PercentReading.unit(at: position, in: window, follows: true)
                else { break }
                buffer.append(UInt8(truncatingIfNeeded: value))
                position += length
            }
            return buffer.finish()
        }
        return decoded.hasSameBytes(as: plain) ? [plain] : [plain, decoded]
    }

    private static func first(_ byte: UInt8, in range: Range<Int>, of text: RawSpan) -> Int? {
        range.first { text[byte: $0] == byte }
    }

    private static func last(_ byte: UInt8, in range: Range<Int>, of text: RawSpan) -> Int? {
        range.last { text[byte: $0] == byte }
    }
}
