/// Why a text is not JSON, or not JSON that is accepted. Never quotes the text, which may hold a value.
package struct JSONSyntaxError: Error, Hashable {
    /// What is wrong, in words that complete "the body is not valid JSON: …".
    package var reason: String
    /// The offset of the byte where it shows.
    package var offset: Int

    package init(reason: String, offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

/// Walks over the bytes of a JSON text and accepts exactly what RFC 8259 does: no trailing commas, no comments, no
/// byte order mark, no control characters inside strings, no invalid UTF-8, no half surrogates.
///
/// It holds a position only and borrows the bytes for each call, so that it never keeps or copies what may be a secret.
package struct JSONScanner {
    /// How deep arrays and objects may stand inside each other.
    package static let deepestNesting = 32

    private var position: Int
    private let end: Int

    /// Creates a scanner for the bytes in `range`.
    package init(_ range: Range<Int>) {
        self.position = range.lowerBound
        self.end = range.upperBound
    }

    /// Scans one value with the white space around it, which must be all there is.
    package mutating func document(in bytes: RawSpan) throws(JSONSyntaxError) -> JSONValue {
        let value = try value(in: bytes, depth: 0)
        skipWhitespace(in: bytes)
        guard position == end else { throw error("there is text behind its end") }
        return value
    }

    /// Scans one value and the white space before it.
    private mutating func value(in bytes: RawSpan, depth: Int) throws(JSONSyntaxError) -> JSONValue {
        skipWhitespace(in: bytes)
        let start = position
        switch try next(in: bytes) {
        case UInt8(ascii: "\""):
            return JSONValue(kind: .string, range: try string(in: bytes))
        case UInt8(ascii: "{"):
            try object(in: bytes, depth: depth) { _, _ in }
            return JSONValue(kind: .object, range: start..<position)
        case UInt8(ascii: "["):
            try array(in: bytes, depth: depth) { _ in }
            return JSONValue(kind: .array, range: start..<position)
        case UInt8(ascii: "t"):
            try word("true", in: bytes)
            return JSONValue(kind: .boolean(true), range: start..<position)
        case UInt8(ascii: "f"):
            try word("false", in: bytes)
            return JSONValue(kind: .boolean(false), range: start..<position)
        case UInt8(ascii: "n"):
            try word("null", in: bytes)
            return JSONValue(kind: .null, range: start..<position)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try number(in: bytes)
            return JSONValue(kind: .number, range: start..<position)
        default:
            throw error("a value is missing")
        }
    }

    /// Scans an object and calls `visit` for the name (the bytes between its quotes) and the value of each member.
    package mutating func object(
        in bytes: RawSpan,
        depth: Int = 0,
        visit: (Range<Int>, JSONValue) throws(JSONSyntaxError) -> Void
    ) throws(JSONSyntaxError) {
        try list(in: bytes, depth: depth, closing: UInt8(ascii: "}")) { (self, bytes) throws(JSONSyntaxError) in
            guard try self.next(in: bytes) == UInt8(ascii: "\"") else { throw self.error("a name is missing") }
            let name = try self.string(in: bytes)
            self.skipWhitespace(in: bytes)
            guard try self.next(in: bytes) == UInt8(ascii: ":") else { throw self.error("a colon is missing") }
            self.position += 1
            try visit(name, try self.value(in: bytes, depth: depth + 1))
        }
    }

    /// Scans an array and calls `visit` for each element.
    package mutating func array(
        in bytes: RawSpan,
        depth: Int = 0,
        visit: (JSONValue) throws(JSONSyntaxError) -> Void
    ) throws(JSONSyntaxError) {
        try list(in: bytes, depth: depth, closing: UInt8(ascii: "]")) { (self, bytes) throws(JSONSyntaxError) in
            try visit(try self.value(in: bytes, depth: depth + 1))
        }
    }

    /// Scans what stands between brackets, of which the opening one is next.
    private mutating func list(
        in bytes: RawSpan,
        depth: Int,
        closing: UInt8,
        element: (inout JSONScanner, RawSpan) throws(JSONSyntaxError) -> Void
    ) throws(JSONSyntaxError) {
        guard depth < Self.deepestNesting else { throw error("it is nested too deeply") }
        position += 1
        skipWhitespace(in: bytes)
        if try next(in: bytes) == closing {
            position += 1
            return
        }
        while true {
            skipWhitespace(in: bytes)
            try element(&self, bytes)
            skipWhitespace(in: bytes)
            switch try next(in: bytes) {
            case closing:
                position += 1
                return
            case UInt8(ascii: ","):
                position += 1
            default:
                throw error("a comma or a closing bracket is missing")
            }
        }
    }

    /// Scans a string and returns the range between its quotes.
    private mutating func string(in bytes: RawSpan) throws(JSONSyntaxError) -> Range<Int> {
        position += 1
        let start = position
        while true {
            switch try next(in: bytes) {
            case UInt8(ascii: "\""):
                position += 1
                return start..<(position - 1)
            case UInt8(ascii: "\\"):
                guard let escape = JSONEscape(in: bytes, at: position, end: end) else {
                    throw error("an escape sequence is wrong")
                }
                position += escape.length
            case 0x00..<0x20:
                throw error("a control character in a string is not escaped")
            case 0x20..<0x80:
                position += 1
            default:
                let length = UTF8Sequence.length(in: bytes, at: position, end: end)
                guard length > 0 else { throw error("a string is not valid UTF-8") }
                position += length
            }
        }
    }

    private mutating func number(in bytes: RawSpan) throws(JSONSyntaxError) {
        if peek(in: bytes) == UInt8(ascii: "-") { position += 1 }
        if peek(in: bytes) == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits(in: bytes)
        }
        if peek(in: bytes) == UInt8(ascii: ".") {
            position += 1
            try digits(in: bytes)
        }
        if let sign = peek(in: bytes), sign | 0x20 == UInt8(ascii: "e") {
            position += 1
            if let sign = peek(in: bytes), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
            try digits(in: bytes)
        }
    }

    private mutating func digits(in bytes: RawSpan) throws(JSONSyntaxError) {
        let start = position
        while let digit = peek(in: bytes), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) { position += 1 }
        guard position > start else { throw error("a number is wrong") }
    }

    private mutating func word(_ word: StaticString, in bytes: RawSpan) throws(JSONSyntaxError) {
        for offset in 0..<word.utf8CodeUnitCount {
            guard peek(in: bytes) == word.utf8Start[offset] else { throw error("a word is unknown") }
            position += 1
        }
    }

    private mutating func skipWhitespace(in bytes: RawSpan) {
        while let byte = peek(in: bytes), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func peek(in bytes: RawSpan) -> UInt8? {
        position < end ? bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self) : nil
    }

    private func next(in bytes: RawSpan) throws(JSONSyntaxError) -> UInt8 {
        guard let byte = peek(in: bytes) else { throw error("it ends too early") }
        return byte
    }

    private func error(_ reason: String) -> JSONSyntaxError {
        JSONSyntaxError(reason: reason, offset: position)
    }
}
