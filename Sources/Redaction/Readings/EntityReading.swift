/// The entities of XML and HTML: `&amp;`, `&#104;`, `&#x68;`.
enum EntityReading: EscapeReading {
    static let longestEscape = 11

    private static let names: [(text: [UInt8], character: UInt32)] = [
        (Array("amp".utf8), 0x26), (Array("lt".utf8), 0x3C), (Array("gt".utf8), 0x3E), (Array("quot".utf8), 0x22),
        (Array("apos".utf8), 0x27),
    ]
    /// A number has at most 7 digits, with leading zeros.
    private static let maximumDigitCount = 7

    static func isLead(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "&") }

    static func leads(among signs: ReadingSigns) -> [Int] { signs.ampersands }

    static func escape(at position: Int, in window: InputWindow) -> ReadingUnit {
        guard position + 1 < window.end else { return .end(of: window) }
        if window[position + 1] == UInt8(ascii: "#") { return number(at: position, in: window) }
        var isBegun = false
        for (text, character) in names {
            let available = min(window.end - position - 1, text.count)
            guard (0..<available).allSatisfy({ window[position + 1 + $0] == text[$0] }) else { continue }
            let end = position + 1 + text.count
            guard end < window.end else {
                isBegun = true
                continue
            }
            if window[end] == UInt8(ascii: ";") { return .character(character, length: text.count + 2) }
        }
        return isBegun ? .end(of: window) : .none
    }

    private static func number(at position: Int, in window: InputWindow) -> ReadingUnit {
        var end = position + 2
        guard end < window.end else { return .end(of: window) }
        let isHexadecimal = window[end] | 0x20 == UInt8(ascii: "x")
        if isHexadecimal { end += 1 }
        let digitStart = end
        var value: UInt32 = 0
        while end < window.end, end - digitStart <= maximumDigitCount,
            let digit = window[end].hexadecimalValue, isHexadecimal || digit < 10
        {
            value = value * (isHexadecimal ? 16 : 10) + UInt32(digit)
            end += 1
        }
        guard end - digitStart <= maximumDigitCount else { return .none }
        guard end < window.end else { return .end(of: window) }
        guard window[end] == UInt8(ascii: ";"), end > digitStart else { return .none }
        return .character(value, length: end + 1 - position)
    }
}
