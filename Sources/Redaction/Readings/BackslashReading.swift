/// The escapes of JSON, Swift, Python, C and the shell: `\"`, `\n`, `\x68`, `\u0068`, `\u{68}`, `\U00000068`, `\150`, and
/// a quotation mark that a shell's quotes are left for, `'\''` or `'"'"'`.
enum BackslashReading: EscapeReading {
    static let longestEscape = 12
    static let isSequential = true

    static func isLead(_ byte: UInt8) -> Bool { BackslashEscape.isLead(byte) }

    static func leads(among signs: ReadingSigns) -> [Int] { merged(signs.backslashes, signs.apostrophes) }

    static func escape(at position: Int, in window: InputWindow) -> ReadingUnit {
        BackslashEscape.unit(at: position, in: window, xIsCharacter: false)
    }
}

/// The same escapes, where `\xe9` is the character of this number and not the byte, as in Python's texts.
enum CharacterBackslashReading: EscapeReading {
    static let longestEscape = 12
    static let isSequential = true

    static func isLead(_ byte: UInt8) -> Bool { BackslashEscape.isLead(byte) }

    static func leads(among signs: ReadingSigns) -> [Int] { merged(signs.backslashes, signs.apostrophes) }

    static func escape(at position: Int, in window: InputWindow) -> ReadingUnit {
        BackslashEscape.unit(at: position, in: window, xIsCharacter: true)
    }
}

private enum BackslashEscape {
    static func isLead(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "'") }

    static func unit(at position: Int, in window: InputWindow, xIsCharacter: Bool) -> ReadingUnit {
        if window[position] == UInt8(ascii: "'") { return shellQuote(at: position, in: window) }
        guard position + 1 < window.end else { return .end(of: window) }
        let kind = window[position + 1]
        switch kind {
        case UInt8(ascii: "n"): return .byte(0x0A, length: 2)
        case UInt8(ascii: "r"): return .byte(0x0D, length: 2)
        case UInt8(ascii: "t"): return .byte(0x09, length: 2)
        case UInt8(ascii: "b"): return .byte(0x08, length: 2)
        case UInt8(ascii: "f"): return .byte(0x0C, length: 2)
        case UInt8(ascii: "v"): return .byte(0x0B, length: 2)
        case UInt8(ascii: "a"): return .byte(0x07, length: 2)
        case UInt8(ascii: "e"): return .byte(0x1B, length: 2)
        case UInt8(ascii: "x"): return hexadecimal(at: position, count: 2, in: window, isCharacter: xIsCharacter)
        case UInt8(ascii: "u"): return shortCharacter(at: position, in: window)
        case UInt8(ascii: "U"): return hexadecimal(at: position, count: 8, in: window, isCharacter: true)
        case UInt8(ascii: "0")...UInt8(ascii: "7"): return octal(at: position, in: window)
        case .lineFeed: return .gap(length: 2)
        default: return kind.isAlphanumeric || kind >= 0x80 ? .none : .byte(kind, length: 2)
        }
    }

    /// `\x68` or `\U00000068`.
    private static func hexadecimal(
        at position: Int,
        count: Int,
        in window: InputWindow,
        isCharacter: Bool
    ) -> ReadingUnit {
        guard let value = number(from: position + 2, count: count, in: window) else { return .none }
        guard position + 2 + count <= window.end else { return .end(of: window) }
        if !isCharacter { return .byte(UInt8(truncatingIfNeeded: value), length: 2 + count) }
        return .character(value, length: 2 + count)
    }

    /// `\u0068`, which may be one half of a pair, or `\u{68}`.
    private static func shortCharacter(at position: Int, in window: InputWindow) -> ReadingUnit {
        guard position + 2 < window.end else { return .end(of: window) }
        if window[position + 2] == UInt8(ascii: "{") { return bracedCharacter(at: position, in: window) }
        guard let first = number(from: position + 2, count: 4, in: window) else { return .none }
        guard position + 6 <= window.end else { return .end(of: window) }
        guard first & 0xFC00 == 0xD800 else { return .character(first, length: 6) }
        for (offset, byte) in "\\u".utf8.enumerated() {
            guard position + 6 + offset < window.end else { return .end(of: window) }
            guard window[position + 6 + offset] == byte else { return .none }
        }
        guard let second = number(from: position + 8, count: 4, in: window) else { return .none }
        guard position + 12 <= window.end else { return .end(of: window) }
        guard second & 0xFC00 == 0xDC00 else { return .none }
        return .character(0x10000 + (first & 0x3FF) << 10 + second & 0x3FF, length: 12)
    }

    private static func bracedCharacter(at position: Int, in window: InputWindow) -> ReadingUnit {
        var end = position + 3
        var value: UInt32 = 0
        while end < window.end, end - position - 3 < 8, let digit = window[end].hexadecimalValue {
            value = value << 4 | UInt32(digit)
            end += 1
        }
        guard end < window.end else { return .end(of: window) }
        guard window[end] == UInt8(ascii: "}"), end > position + 3 else { return .none }
        return .character(value, length: end + 1 - position)
    }

    /// One to three digits.
    private static func octal(at position: Int, in window: InputWindow) -> ReadingUnit {
        var end = position + 1
        var value: UInt32 = 0
        while end < window.end, end - position - 1 < 3, window[end] & 0xF8 == 0x30 {
            value = value << 3 | UInt32(window[end] & 7)
            end += 1
        }
        guard end - position - 1 == 3 || end < window.end || window.isLast else { return .incomplete }
        return value < 256 ? .byte(UInt8(value), length: end - position) : .none
    }

    /// `'\''` and `'"'"'`.
    private static func shellQuote(at position: Int, in window: InputWindow) -> ReadingUnit {
        for text in ["'\\''", "'\"'\"'"] {
            let available = min(window.end - position, text.utf8.count)
            guard zip(0..<available, text.utf8).allSatisfy({ window[position + $0] == $1 }) else { continue }
            return available == text.utf8.count ? .byte(UInt8(ascii: "'"), length: available) : .end(of: window)
        }
        return .none
    }

    /// The value of so many hexadecimal digits, or of those that are there at the window's end; `nil` if one is none.
    private static func number(from start: Int, count: Int, in window: InputWindow) -> UInt32? {
        var value: UInt32 = 0
        for position in start..<min(start + count, window.end) {
            guard let digit = window[position].hexadecimalValue else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
