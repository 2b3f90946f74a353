/// Walks through a JSON text front to back, without building anything, and trusts that it is well-formed.
struct JSONScanner {
    /// The text is not JSON after all.
    struct Failure: Error {}

    enum Kind {
        case object, array, string, other
    }

    private let text: [UInt8]
    private var position = 0

    init(_ text: [UInt8]) {
        self.text = text
    }

    /// What the next value is, by its first byte.
    mutating func next() -> Kind {
        switch peek() {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        default: .other
        }
    }

    /// Reads an object; `member` reads the value of each member.
    mutating func object(_ member: (String, inout JSONScanner) throws(Failure) -> Void) throws(Failure) {
        try expect("{")
        if take("}") { return }
        repeat {
            let name = try string()
            try expect(":")
            skipWhitespace()
            try member(name, &self)
        } while take(",")
        try expect("}")
    }

    /// Reads an array; `element` reads each element.
    mutating func array(_ element: (inout JSONScanner) throws(Failure) -> Void) throws(Failure) {
        try expect("[")
        if take("]") { return }
        repeat {
            skipWhitespace()
            try element(&self)
        } while take(",")
        try expect("]")
    }

    /// Reads a string. Of its escapes only those for single characters are resolved, as names hold no others.
    mutating func string() throws(Failure) -> String {
        let range = try stringRange()
        let bytes = text[range]
        guard bytes.contains(UInt8(ascii: "\\")) else { return String(decoding: bytes, as: UTF8.self) }
        var resolved: [UInt8] = []
        var isEscaped = false
        for byte in bytes {
            if byte == UInt8(ascii: "\\"), !isEscaped {
                isEscaped = true
            } else {
                resolved.append(byte)
                isEscaped = false
            }
        }
        return String(decoding: resolved, as: UTF8.self)
    }

    mutating func integer() throws(Failure) -> Int {
        skipWhitespace()
        let start = position
        skipScalar()
        guard let number = Int(String(decoding: text[start..<position], as: UTF8.self)) else { throw Failure() }
        return number
    }

    mutating func skipValue() throws(Failure) {
        var depth = 0
        repeat {
            skipWhitespace()
            guard position < text.count else { throw Failure() }
            switch text[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                position += 1
            case UInt8(ascii: "\""):
                _ = try stringRange()
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                position += 1
            default:
                let start = position
                skipScalar()
                guard position > start else { throw Failure() }
            }
        } while depth > 0
    }

    /// Where the next string stands between its quotes.
    private mutating func stringRange() throws(Failure) -> Range<Int> {
        try expect("\"")
        let start = position
        let end = text.withUnsafeBufferPointer { text -> Int? in
            var index = start
            while index < text.count {
                switch text[index] {
                case UInt8(ascii: "\""): return index
                case UInt8(ascii: "\\"): index += 2
                default: index += 1
                }
            }
            return nil
        }
        guard let end else { throw Failure() }
        position = end + 1
        return start..<end
    }

    /// Skips a number or a word.
    private mutating func skipScalar() {
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: " "), UInt8(ascii: "\n"),
                UInt8(ascii: "\r"), UInt8(ascii: "\t"):
                return
            default:
                position += 1
            }
        }
    }

    private mutating func peek() -> UInt8? {
        skipWhitespace()
        return position < text.count ? text[position] : nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(Failure) {
        guard take(character) else { throw Failure() }
    }

    private mutating func skipWhitespace() {
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position += 1
            default: return
            }
        }
    }
}
