import SecretJSON
import SecretMemory

/// Writes `.env` files that python-dotenv reads back, and other readers as far as their rules are the same.
enum DotenvWriter {
    /// One `NAME=VALUE` for each secret.
    ///
    /// - Throws: ``SecretTextProblem`` when a value cannot stand there.
    static func text(of secrets: [NamedSecret], pool: SecretPool) throws(SecretTextProblem) -> SecretBytes {
        var text = SecretBuffer(in: pool)
        for secret in secrets {
            text.append(text: secret.name)
            text.append(UInt8(ascii: "="))
            let form = try secret.value.withBytes { bytes throws(SecretTextProblem) -> Form in try Self.form(of: bytes)
            }
            secret.value.withBytes { append($0, in: form, to: &text) }
            text.append(UInt8(ascii: "\n"))
        }
        return text.finish()
    }

    private enum Form {
        /// As it is.
        case plain
        /// In `'…'`, as it is.
        case single
        /// In `"…"`, with escapes.
        case double
    }

    /// The form that the most readers understand alike.
    private static func form(of bytes: RawSpan) throws(SecretTextProblem) -> Form {
        guard UTF8Sequence.isValid(bytes) else {
            throw SecretTextProblem(reason: "the value is no text in UTF-8, and a variable holds texts alone")
        }
        var signs = Signs()
        for offset in 0..<bytes.byteCount { signs.add(bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)) }
        guard !signs.hasZero else {
            throw SecretTextProblem(reason: "the value has a zero byte in it, which no variable can hold")
        }
        guard !signs.hasReference else {
            throw SecretTextProblem(
                reason: "the value has ${ in it, which readers of .env files replace. Use a .json file")
        }
        if signs.isWord { return .plain }
        // Readers take the quote behind a last \ for an escaped one.
        if signs.last == UInt8(ascii: "\\") {
            guard !signs.needsQuotes else {
                throw SecretTextProblem(
                    reason:
                        "the value ends with a \\ and needs quotes, which readers of .env files get wrong. Use a .json file"
                )
            }
            return .plain
        }
        return signs.hasSingleQuote || signs.hasEscape || signs.hasReturn ? .double : .single
    }

    /// What is in a value.
    private struct Signs {
        var hasZero = false
        var hasReturn = false
        var hasReference = false
        var hasSingleQuote = false
        /// Whether it has `\\` or `\'`, which stand for something else in single quotes.
        var hasEscape = false
        /// Whether it has but letters, digits and what no reader takes for anything else.
        var isWord = true
        /// Whether it would be another one without quotes.
        var needsQuotes = false
        var last: UInt8?

        mutating func add(_ byte: UInt8) {
            let isSpace = byte <= 0x20 || byte >= 0x7F
            switch byte {
            case 0: hasZero = true
            case 0x0D: hasReturn = true
            case UInt8(ascii: "'"): hasSingleQuote = true
            case UInt8(ascii: "{") where last == UInt8(ascii: "$"): hasReference = true
            default: break
            }
            if last == UInt8(ascii: "\\"), byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "'") { hasEscape = true }
            if isSpace || byte == UInt8(ascii: "#") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                needsQuotes = true
            }
            let isPlain =
                (0x30...0x39) ~= byte || (0x41...0x5A) ~= byte || (0x61...0x7A) ~= byte
                || "_-./:@%+,=".utf8.contains(byte)
            if !isPlain { isWord = false }
            last = byte
        }
    }

    private static func append(_ bytes: RawSpan, in form: Form, to text: inout SecretBuffer) {
        switch form {
        case .plain:
            text.append(bytes)
        case .single:
            text.append(UInt8(ascii: "'"))
            text.append(bytes)
            text.append(UInt8(ascii: "'"))
        case .double:
            text.append(UInt8(ascii: "\""))
            for offset in 0..<bytes.byteCount {
                let byte = bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
                switch byte {
                case UInt8(ascii: "\\"), UInt8(ascii: "\""):
                    text.append(UInt8(ascii: "\\"))
                    text.append(byte)
                case 0x0D: text.append(text: "\\r")
                default: text.append(byte)
                }
            }
            text.append(UInt8(ascii: "\""))
        }
    }
}
