package import SecretMemory

/// A value inside a JSON text that was checked as a whole: what it is and where it stands.
///
/// The text itself stays with its owner. Strings are unescaped when asked for, straight into the memory where they
/// belong: a `String` for names, a ``SecretMemory/SecretBytes`` for values.
package struct JSONValue: Hashable {
    package enum Kind: Hashable {
        case string
        case number
        case boolean(Bool)
        case null
        case object
        case array
    }

    /// What it is.
    package let kind: Kind
    /// The bytes that it takes up; for a string, those between its quotes.
    package let range: Range<Int>

    package init(kind: Kind, range: Range<Int>) {
        self.kind = kind
        self.range = range
    }

    /// Checks that all of `bytes` is one JSON value.
    package init(parsing bytes: RawSpan) throws(JSONSyntaxError) {
        var scanner = JSONScanner(0..<bytes.byteCount)
        self = try scanner.document(in: bytes)
    }

    /// The members of an object; `nil` when it is something else.
    ///
    /// - Throws: ``JSONSyntaxError`` when a name stands there twice. Which of the two counts differs between readers,
    ///   and one that checks another value than the one that is used is a hole.
    package func members(in bytes: RawSpan) throws(JSONSyntaxError) -> [String: JSONValue]? {
        guard kind == .object else { return nil }
        var members: [String: JSONValue] = [:]
        var scanner = JSONScanner(range)
        try scanner.object(in: bytes) { name, value throws(JSONSyntaxError) in
            let text = JSONValue(kind: .string, range: name).text(in: bytes) ?? ""
            guard members.updateValue(value, forKey: text) == nil else {
                throw JSONSyntaxError(reason: "a field stands there twice", offset: name.lowerBound)
            }
        }
        return members
    }

    /// The elements of an array; `nil` when it is something else.
    package func elements(in bytes: RawSpan) throws(JSONSyntaxError) -> [JSONValue]? {
        guard kind == .array else { return nil }
        var elements: [JSONValue] = []
        var scanner = JSONScanner(range)
        try scanner.array(in: bytes) { elements.append($0) }
        return elements
    }

    /// The text of a string; `nil` when it is something else. Not for secrets.
    package func text(in bytes: RawSpan) -> String? {
        guard kind == .string else { return nil }
        var text: [UInt8] = []
        unescape(in: bytes, into: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The UTF-8 bytes of a string; `nil` when it is something else.
    package func secret(in bytes: RawSpan, pool: SecretPool) -> SecretBytes? {
        guard kind == .string else { return nil }
        var text = SecretBuffer(in: pool)
        unescape(in: bytes, into: &text)
        return text.finish()
    }

    /// The value of a number without fraction and exponent that fits; `nil` when it is something else.
    package func integer(in bytes: RawSpan) -> Int64? {
        guard kind == .number, range.count <= 20 else { return nil }
        let digits = range.map { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        return Int64(String(decoding: digits, as: UTF8.self))
    }

    private func unescape<Sink: ByteSink & ~Copyable>(in bytes: RawSpan, into sink: inout Sink) {
        var position = range.lowerBound
        var copied = position
        while position < range.upperBound {
            guard bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self) == UInt8(ascii: "\\") else {
                position += 1
                continue
            }
            sink.append(bytes.extracting(copied..<position))
            guard let escape = JSONEscape(in: bytes, at: position, end: range.upperBound) else {
                preconditionFailure("the scanner let a wrong escape sequence pass")
            }
            for unit in UTF8.encode(escape.scalar) ?? UTF8.encodedReplacementCharacter {
                sink.append(unit)
            }
            position += escape.length
            copied = position
        }
        sink.append(bytes.extracting(copied..<range.upperBound))
    }
}

/// Something that bytes are appended to: an array, or secret memory.
package protocol ByteSink: ~Copyable {
    mutating func append(_ byte: UInt8)
    mutating func append(_ bytes: RawSpan)
}

extension SecretBuffer: ByteSink {}

extension [UInt8]: ByteSink {
    package mutating func append(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { append(contentsOf: $0) }
    }
}
