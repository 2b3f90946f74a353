/// What may stand between the bytes of a list.
enum ListSeparators {
    /// The most bytes that separate two bytes of a list.
    static let maximumCount = 16

    static func contains(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x09, 0x0A, 0x0D, 0x20: true
        case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
        case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "("), UInt8(ascii: ")"): true
        case UInt8(ascii: "{"), UInt8(ascii: "}"): true
        default: false
        }
    }
}

/// Bytes in decimal, as programs print arrays: `[104, 117, 110]`. Those from 128 on may be negative, as in Java.
enum DecimalListReading: Reading {
    private static let maximumDigitCount = 3

    static func isGap(_ byte: UInt8) -> Bool { ListSeparators.contains(byte) }

    static func unit(at position: Int, in window: InputWindow, follows: Bool) -> ReadingUnit {
        let length = separatorCount(at: position, in: window)
        guard length == 0 else {
            if position + length == window.end { return .end(of: window) }
            return length > ListSeparators.maximumCount ? .none : .gap(length: length)
        }
        guard !(window.byte(before: position) ?? .lineFeed).isAlphanumeric else { return .none }
        let isNegative = window[position] == UInt8(ascii: "-")
        let digitStart = position + (isNegative ? 1 : 0)
        var end = digitStart
        var value = 0
        while end < window.end, window[end].isDigit, end - digitStart <= maximumDigitCount {
            value = 10 * value + Int(window[end] - 0x30)
            end += 1
        }
        guard value < 256, end - digitStart <= maximumDigitCount else { return .none }
        guard end < window.end || window.isLast else { return .incomplete }
        guard end > digitStart, end == window.end || !window[end].isAlphanumeric else { return .none }
        guard isNegative else { return .byte(UInt8(value), length: end - position) }
        return (1...128).contains(value) ? .byte(UInt8(256 - value), length: end - position) : .none
    }

    private static func separatorCount(at position: Int, in window: InputWindow) -> Int {
        var end = position
        while end < window.end, end - position <= ListSeparators.maximumCount, ListSeparators.contains(window[end]) {
            end += 1
        }
        return end - position
    }
}

/// Bytes in hexadecimal, with separators between some or all of them: `68 75 6e`, `68:75:6e`, `0x68, 0x75`, `6875 6e74`.
enum HexListReading: Reading {
    static func isGap(_ byte: UInt8) -> Bool { ListSeparators.contains(byte) }

    static func unit(at position: Int, in window: InputWindow, follows: Bool) -> ReadingUnit {
        let gap = separation(at: position, in: window)
        guard case .none = gap else { return gap }
        guard let high = window[position].hexadecimalValue else { return .none }
        let isPrefixed = isPrefix(before: position, in: window)
        guard follows || isPrefixed || !(window.byte(before: position) ?? .lineFeed).isAlphanumeric else {
            return .none
        }
        guard position + 1 < window.end else {
            return isPrefixed && window.isLast ? .byte(high, length: 1) : .end(of: window)
        }
        if let low = window[position + 1].hexadecimalValue { return .byte(high << 4 | low, length: 2) }
        return isPrefixed && !window[position + 1].isAlphanumeric ? .byte(high, length: 1) : .none
    }

    /// Separators, dashes and `0x`.
    private static func separation(at position: Int, in window: InputWindow) -> ReadingUnit {
        var end = position
        while end - position <= ListSeparators.maximumCount {
            guard end < window.end else { return .end(of: window) }
            if ListSeparators.contains(window[end]) || window[end] == UInt8(ascii: "-") {
                end += 1
            } else if window[end] == UInt8(ascii: "0"), !(window.byte(before: end) ?? .lineFeed).isAlphanumeric {
                guard end + 1 < window.end else { return .end(of: window) }
                guard window[end + 1] | 0x20 == UInt8(ascii: "x") else { break }
                end += 2
            } else {
                break
            }
        }
        let length = end - position
        return length == 0 || length > ListSeparators.maximumCount ? .none : .gap(length: length)
    }

    private static func isPrefix(before position: Int, in window: InputWindow) -> Bool {
        guard position - 2 >= window.start else { return false }
        return window[position - 1] | 0x20 == UInt8(ascii: "x") && window[position - 2] == UInt8(ascii: "0")
            && window.isBoundary(before: position - 2)
    }
}
