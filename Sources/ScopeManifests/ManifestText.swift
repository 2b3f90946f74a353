/// Writes YAML, with quotes around every text that this or another reader could take for something else.
struct ManifestText {
    private(set) var text = ""

    mutating func line(_ line: String, depth: Int) {
        text += String(repeating: "  ", count: depth) + line + "\n"
    }

    mutating func element(_ word: String, note: String? = nil, depth: Int = 1) {
        line("- \(Self.word(word))" + (note.map { "  # \($0)" } ?? ""), depth: depth)
    }

    mutating func member(_ name: String, _ value: String, depth: Int) {
        line("\(Self.word(name)): \(Self.word(value))", depth: depth)
    }

    /// `text` as it is, or in quotes where it must be.
    static func word(_ text: String) -> String {
        isPlain(text) ? text : quoted(text)
    }

    /// Words that YAML 1.1 takes for truth values or for nothing.
    private static let reserved: Set = ["y", "n", "yes", "no", "true", "false", "on", "off", "null"]

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first), !reserved.contains(text.lowercased()) else { return false }
        var previous: UInt8 = 0
        for byte in text.utf8 {
            switch byte {
            case _ where isLetter(byte) || (0x30...0x39).contains(byte): break
            case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "@"), UInt8(ascii: "/"), UInt8(ascii: "-"): break
            // `://` of an address; before a blank or the end a colon would make a mapping.
            case UInt8(ascii: ":"): break
            default: return false
            }
            previous = byte
        }
        return previous != UInt8(ascii: ":")
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// `text` in double quotes, all of it in ASCII that can be seen.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: result += "\\\""
            case 0x5C: result += "\\\\"
            case 0x20...0x7E: result.unicodeScalars.append(scalar)
            case let value:
                let digits = String(value, radix: 16, uppercase: true)
                let width = value > 0xFFFF ? 8 : 4
                result += width == 8 ? "\\U" : "\\u"
                result += String(repeating: "0", count: width - digits.count) + digits
            }
        }
        return result + "\""
    }
}
