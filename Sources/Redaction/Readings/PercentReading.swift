/// Percent-encoding, of what needs it or of every byte.
enum PercentReading: EscapeReading {
    static let longestEscape = 3

    static func isLead(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "%") }

    static func leads(among signs: ReadingSigns) -> [Int] { signs.percents }

    static func escape(at position: Int, in window: InputWindow) -> ReadingUnit {
        hexadecimalByte(at: position, in: window)
    }
}

/// Percent-encoding as in forms, where a plus sign is a space.
enum FormReading: EscapeReading {
    static let longestEscape = 3

    static func isLead(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "%") || byte == UInt8(ascii: "+") }

    static func leads(among signs: ReadingSigns) -> [Int] { merged(signs.percents, signs.plusses) }

    static func escape(at position: Int, in window: InputWindow) -> ReadingUnit {
        window[position] == UInt8(ascii: "+") ? .byte(0x20, length: 1) : hexadecimalByte(at: position, in: window)
    }
}

/// Quoted-printable, with soft line breaks.
enum QuotedPrintableReading: EscapeReading {
    static let longestEscape = 3

    static func isLead(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "=") }

    static func leads(among signs: ReadingSigns) -> [Int] { signs.equals }

    static func escape(at position: Int, in window: InputWindow) -> ReadingUnit {
        guard position + 1 < window.end else { return .end(of: window) }
        if window[position + 1] == .lineFeed { return .gap(length: 2) }
        if window[position + 1] == .carriageReturn {
            guard position + 2 < window.end else { return .end(of: window) }
            return window[position + 2] == .lineFeed ? .gap(length: 3) : .none
        }
        return hexadecimalByte(at: position, in: window)
    }
}

private extension EscapeReading {
    /// A lead and two hexadecimal digits.
    static func hexadecimalByte(at position: Int, in window: InputWindow) -> ReadingUnit {
        guard position + 1 < window.end else { return .end(of: window) }
        guard let high = window[position + 1].hexadecimalValue else { return .none }
        guard position + 2 < window.end else { return .end(of: window) }
        guard let low = window[position + 2].hexadecimalValue else { return .none }
        return .byte(high << 4 | low, length: 3)
    }
}
