/// Base64 and base64url, with or without line breaks, and with `+` and `/` escaped as in URLs and JSON.
enum Base64Alphabet: RadixAlphabet {
    static let bitsPerDigit = 6
    static let digits = zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8,
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8
    ).map { ($0, $1) }
    static let values = makeValues()

    private static let escapes: [(text: [UInt8], value: UInt8)] = [
        (Array("%2B".utf8), 62), (Array("%2b".utf8), 62), (Array("%2F".utf8), 63), (Array("%2f".utf8), 63),
        (Array("\\u002B".utf8), 62), (Array("\\u002b".utf8), 62), (Array("\\u002F".utf8), 63),
        (Array("\\u002f".utf8), 63), (Array("\\/".utf8), 63),
    ]
    private static let longestEscape = 6

    static func other(at position: Int, in window: InputWindow) -> RadixElement {
        let byte = window[position]
        if byte == UInt8(ascii: "%") || byte == UInt8(ascii: "\\") {
            let element = escape(at: position, in: window)
            if case .none = element {} else { return element }
        }
        return LineWrap.element(at: position, in: window)
    }

    static func digitStart(at position: Int, in window: InputWindow) -> Int {
        for start in max(window.start, position - longestEscape + 1)..<max(position, window.start + 1) {
            if case .digit(_, let length) = escape(at: start, in: window), start + length > position { return start }
        }
        return position
    }

    /// Whether a digit is written as an escape at `position`, as far as the window goes.
    static func isEscape(at position: Int, in window: InputWindow) -> Bool {
        if case .none = escape(at: position, in: window) { return false }
        return true
    }

    /// A digit that is written as an escape.
    static func escape(at position: Int, in window: InputWindow) -> RadixElement {
        let available = min(window.end - position, longestEscape)
        var isBegun = false
        for (text, value) in escapes {
            let compared = min(text.count, available)
            guard (0..<compared).allSatisfy({ window[position + $0] == text[$0] }) else { continue }
            if compared == text.count { return .digit(value, length: compared) }
            isBegun = true
        }
        return isBegun && !window.isLast ? .incomplete : .none
    }
}
