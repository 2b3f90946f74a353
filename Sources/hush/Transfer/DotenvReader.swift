import SecretJSON
import SecretMemory

/// Reads `.env` files: lines with `NAME=VALUE`, by the rules that python-dotenv, Docker Compose and shells have in common.
///
/// - `export` may stand before a name. Empty lines and those that begin with `#` are left out.
/// - A value without quotes ends at the line's end, or before a `#` behind white space; white space around it is not of it.
/// - In `'…'` all is as it stands, line breaks included, but for `\'` and `\\`.
/// - In `"…"` there are the escapes `\\ \" \' \n \r \t \a \b \f \v`; another `\` stands for itself.
///
/// What readers disagree about is refused: a name without `=` or twice, a value that begins with `#`, and `${…}` outside
/// single quotes, which most of them replace.
struct DotenvReader {
    private let text: SecretBytes
    private let pool: SecretPool
    private var position = 0
    private var line = 1
    private var lineStart = 0

    /// The secrets of a text in their order.
    ///
    /// - Throws: ``SecretTextProblem`` with the place of what is not understood.
    static func secrets(in text: SecretBytes, pool: SecretPool) throws(SecretTextProblem) -> [NamedSecret] {
        var reader = DotenvReader(text: text, pool: pool)
        return try reader.secrets()
    }

    private init(text: SecretBytes, pool: SecretPool) {
        self.text = text
        self.pool = pool
        // A byte order mark, which some editors write.
        if (0..<3).map({ byte(at: $0) }) == [0xEF, 0xBB, 0xBF] { position = 3 }
    }

    private mutating func secrets() throws(SecretTextProblem) -> [NamedSecret] {
        var secrets: [NamedSecret] = []
        var lines: [String: Int] = [:]
        while true {
            skip { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
            guard let next else { return secrets }
            if next == UInt8(ascii: "#") {
                skip { $0 != 0x0A }
                continue
            }
            let start = (line: line, column: column)
            let name = try name()
            if let earlier = lines.updateValue(start.line, forKey: name) {
                throw SecretTextProblem(
                    line: start.line, column: start.column,
                    reason: "\(name) stands here again; it is already in line \(earlier)")
            }
            secrets.append(NamedSecret(name: name, value: try value()))
        }
    }

    // MARK: Names

    /// The name with the `=` behind it.
    private mutating func name() throws(SecretTextProblem) -> String {
        var name = word()
        if name == "export", next == 0x20 || next == 0x09 {
            skipSpace()
            name = word()
        }
        guard !name.isEmpty else {
            throw problem("a name is missing, or it has other characters than letters, digits and _ . -")
        }
        skipSpace()
        guard next == UInt8(ascii: "=") else {
            throw problem(
                "there is no = behind the name, or the name has other characters than letters, digits and _ . -")
        }
        advance()
        return name
    }

    private mutating func word() -> String {
        let start = position
        skip { byte in
            byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
                || (0x30...0x39) ~= byte || (0x41...0x5A) ~= byte || (0x61...0x7A) ~= byte
        }
        return String(decoding: (start..<position).compactMap { byte(at: $0) }, as: UTF8.self)
    }

    // MARK: Values

    private mutating func value() throws(SecretTextProblem) -> SecretBytes {
        skipSpace()
        guard let quote = next, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
            return try unquoted()
        }
        let value = try quoted(quote)
        skipSpace()
        guard next == nil || next == 0x0A || next == 0x0D || next == UInt8(ascii: "#") else {
            throw problem("there is text behind the closing quote")
        }
        skip { $0 != 0x0A }
        return value
    }

    private mutating func unquoted() throws(SecretTextProblem) -> SecretBytes {
        let start = position
        var end = position
        while let byte = next, byte != 0x0A, byte != 0x0D {
            let isSpace = byte == 0x20 || byte == 0x09
            if byte == UInt8(ascii: "#") {
                guard position > start else {
                    throw problem("a value that begins with # is a comment for some. Put it in single quotes")
                }
                if end < position { break }
            }
            try refuseReference()
            advance()
            if !isSpace { end = position }
        }
        skip { $0 != 0x0A }
        return text.slice(start..<end)
    }

    private mutating func quoted(_ quote: UInt8) throws(SecretTextProblem) -> SecretBytes {
        let start = (line: line, column: column)
        advance()
        var value = SecretBuffer(in: pool)
        while let byte = next {
            if byte == quote {
                advance()
                return value.finish()
            }
            if byte == UInt8(ascii: "\\"), let escaped = Self.escaped(self.byte(at: position + 1), in: quote) {
                value.append(escaped)
                advance()
            } else {
                if quote == UInt8(ascii: "\"") { try refuseReference() }
                value.append(byte)
            }
            advance()
        }
        throw SecretTextProblem(line: start.line, column: start.column, reason: "the quote is not closed")
    }

    /// What a letter behind a `\` stands for; `nil` when the `\` stands for itself.
    private static func escaped(_ letter: UInt8?, in quote: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "\\"), UInt8(ascii: "'"): return letter
        case _ where quote == UInt8(ascii: "'"): return nil
        case UInt8(ascii: "\""): return letter
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "a"): return 0x07
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "v"): return 0x0B
        default: return nil
        }
    }

    private func refuseReference() throws(SecretTextProblem) {
        guard next == UInt8(ascii: "$"), byte(at: position + 1) == UInt8(ascii: "{") else { return }
        throw problem("the value refers to another variable by ${…}. Write it out, or put it in single quotes")
    }

    // MARK: Bytes

    private var next: UInt8? { byte(at: position) }
    private var column: Int { position - lineStart + 1 }

    private func byte(at offset: Int) -> UInt8? {
        guard offset < text.count else { return nil }
        return text.withBytes { $0.unsafeLoad(fromByteOffset: offset, as: UInt8.self) }
    }

    private mutating func advance() {
        if next == 0x0A {
            line += 1
            lineStart = position + 1
        }
        position += 1
    }

    private mutating func skip(while isSkipped: (UInt8) -> Bool) {
        while let byte = next, isSkipped(byte) { advance() }
    }

    private mutating func skipSpace() {
        skip { $0 == 0x20 || $0 == 0x09 }
    }

    private func problem(_ reason: String) -> SecretTextProblem {
        SecretTextProblem(line: line, column: column, reason: reason)
    }
}
