/// A strict parser for JSON (RFC 8259): the whole text must be one value, strings must be UTF-8 without control
/// characters, and surrogates must come in pairs.
struct JSONParser {
    /// Why a text is not JSON, and at which byte; the text itself is never part of it.
    struct Failure: Error {
        var reason: String
        var offset: Int
    }

    /// How deep arrays and objects may be nested.
    static let depthLimit = 64

    private let source: UnsafeRawBufferPointer
    private var position = 0

    /// Parses `source`, which must stay in place while the result is used.
    static func parse(_ source: UnsafeRawBufferPointer) throws(Failure) -> JSON {
        var parser = JSONParser(source: source)
        let value = try parser.value(depth: 0)
        parser.skipWhitespace()
        guard parser.position == source.count else { throw parser.failure("text follows the value") }
        return value
    }

    static func hexadecimalValue(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private init(source: UnsafeRawBufferPointer) {
        self.source = source
    }

    private mutating func value(depth: Int) throws(Failure) -> JSON {
        skipWhitespace()
        guard let first = peek() else { throw failure("the text ends too early") }
        if depth == Self.depthLimit, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            throw failure("the value is nested too deeply")
        }
        switch first {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw failure("a value was expected")
        }
    }

    private mutating func object(depth: Int) throws(Failure) -> JSON {
        var members: [JSON.Member] = []
        position += 1
        skipWhitespace()
        if take("}") { return .object(members) }
        repeat {
            skipWhitespace()
            guard peek() == UInt8(ascii: "\"") else { throw failure("a name was expected") }
            let name = try string().decoded(from: source)
            skipWhitespace()
            guard take(":") else { throw failure("a colon was expected") }
            let value = try value(depth: depth + 1)
            members.append(JSON.Member(name: String(decoding: name.bytes, as: UTF8.self), value: value))
            skipWhitespace()
        } while take(",")
        guard take("}") else { throw failure("a closing brace was expected") }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(Failure) -> JSON {
        var elements: [JSON] = []
        position += 1
        skipWhitespace()
        if take("]") { return .array(elements) }
        repeat {
            elements.append(try value(depth: depth + 1))
            skipWhitespace()
        } while take(",")
        guard take("]") else { throw failure("a closing bracket was expected") }
        return .array(elements)
    }

    private mutating func string() throws(Failure) -> JSON.Text {
        position += 1
        let start = position
        var hasEscapes = false
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                let text = UnsafeRawBufferPointer(rebasing: source[start..<position])
                guard Unicode.UTF8.isValid(text) else { throw failure("a string is not UTF-8") }
                position += 1
                return JSON.Text(range: start..<(position - 1), hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                position += 1
                try escape()
            case 0x00..<0x20:
                throw failure("a string holds a control character")
            default:
                position += 1
            }
        }
        throw failure("a string does not end")
    }

    private mutating func escape() throws(Failure) {
        switch peek() {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            position += 1
            let first = try codeUnit()
            if first & 0xFC00 == 0xDC00 { throw failure("a low surrogate stands alone") }
            guard first & 0xFC00 == 0xD800 else { return }
            guard take("\\"), take("u"), try codeUnit() & 0xFC00 == 0xDC00 else {
                throw failure("a high surrogate stands alone")
            }
        default:
            throw failure("an escape is unknown")
        }
    }

    private mutating func codeUnit() throws(Failure) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let value = peek().flatMap(Self.hexadecimalValue) else {
                throw failure("an escape needs four hexadecimal digits")
            }
            unit = unit << 4 | UInt16(value)
            position += 1
        }
        return unit
    }

    private mutating func number() throws(Failure) -> Range<Int> {
        let start = position
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        return start..<position
    }

    private mutating func digits() throws(Failure) {
        let start = position
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw failure("a digit was expected") }
    }

    private mutating func word(_ word: String, _ value: JSON) throws(Failure) -> JSON {
        for byte in word.utf8 {
            guard peek() == byte else { throw failure("a value was expected") }
            position += 1
        }
        return value
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipWhitespace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func peek() -> UInt8? {
        position < source.count ? source[position] : nil
    }

    private func failure(_ reason: String) -> Failure {
        Failure(reason: reason, offset: position)
    }
}

extension Unicode.UTF8 {
    /// Whether `bytes` are well-formed UTF-8.
    static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue: continue
            case .emptyInput: return true
            case .error: return false
            }
        }
    }
}
