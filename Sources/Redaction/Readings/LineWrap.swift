/// Line breaks that programs put into long encoded text, at 64 or 76 columns or thereabouts.
///
/// So that no two words on two lines are taken for one text, a break counts only behind 40 bytes of encoded text.
enum LineWrap {
    /// The number of bytes of encoded text that must come before a break.
    static let minimumColumnCount = 40
    /// The most spaces and tabs by which the next line may be indented.
    private static let maximumIndentation = 8

    /// The break that begins at `position`: a line end with what indents the next line, or one that is written as an
    /// escape, `\n` or `\r\n`.
    static func element(at position: Int, in window: InputWindow) -> RadixElement {
        let byte = window[position]
        guard byte == .lineFeed || byte == .carriageReturn || byte == UInt8(ascii: "\\") else { return .none }
        guard follows(position, in: window) else { return .none }
        return byte == UInt8(ascii: "\\") ? escapedBreak(at: position, in: window) : lineBreak(at: position, in: window)
    }

    /// Whether enough encoded text comes before `position`.
    static func follows(_ position: Int, in window: InputWindow) -> Bool {
        guard position - window.start >= minimumColumnCount else { return false }
        for back in 1...minimumColumnCount where !isEncodedText(window[position - back]) { return false }
        return true
    }

    private static func isEncodedText(_ byte: UInt8) -> Bool {
        byte.isAlphanumeric || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_")
    }

    private static func lineBreak(at position: Int, in window: InputWindow) -> RadixElement {
        var end = position
        if window[end] == .carriageReturn { end += 1 }
        guard end < window.end else { return ending(in: window) }
        guard window[end] == .lineFeed else { return .none }
        end += 1
        let textStart = end
        while end < window.end, window[end] == 0x20 || window[end] == 0x09 { end += 1 }
        guard end - textStart <= maximumIndentation else { return .none }
        guard end < window.end else { return ending(in: window) }
        return .gap(length: end - position)
    }

    private static func escapedBreak(at position: Int, in window: InputWindow) -> RadixElement {
        for text in ["\\n", "\\r\\n"] {
            let bytes = text.utf8
            let available = min(window.end - position, bytes.count)
            guard zip(0..<available, bytes).allSatisfy({ window[position + $0] == $1 }) else { continue }
            return available == bytes.count ? .gap(length: available) : ending(in: window)
        }
        return .none
    }

    private static func ending(in window: InputWindow) -> RadixElement {
        window.isLast ? .none : .incomplete
    }
}
