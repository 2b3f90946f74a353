/// Text with anything between its characters that is neither letter nor digit: `h u n t`, `["h", "u", "n"]`, one
/// character on each line of a list.
enum SpacedReading: Reading {
    /// The most bytes between two letters or digits: 8 on each side of every character between them that is neither, for
    /// six of these in a row and more.
    static let maximumCount = 64
    /// A bullet, in UTF-8.
    private static let bullet: [UInt8] = [0xE2, 0x80, 0xA2]

    static func unit(at position: Int, in window: InputWindow, follows: Bool) -> ReadingUnit {
        guard let end = gapEnd(from: position, in: window) else { return .incomplete }
        if end == position { return .byte(window[position], length: 1) }
        if end - position > maximumCount { return .none }
        return end == window.end ? .end(of: window) : .gap(length: end - position)
    }

    static func skippedCount(at position: Int, in window: InputWindow) -> Int {
        max(1, (gapEnd(from: position, in: window) ?? position) - position)
    }

    /// Where the separators from `position` on end, as far as they matter; `nil` if that is not certain yet.
    private static func gapEnd(from position: Int, in window: InputWindow) -> Int? {
        var end = position
        while end < window.end, end - position <= maximumCount {
            if window[end].isSeparator {
                end += 1
                continue
            }
            let available = min(window.end - end, bullet.count)
            guard (0..<available).allSatisfy({ window[end + $0] == bullet[$0] }) else { break }
            if available < bullet.count { return window.isLast ? end : nil }
            end += bullet.count
        }
        return end
    }

    static func isGap(_ byte: UInt8) -> Bool { byte.isSeparator }

    /// The length of the separator at `position` in a value; 0 if there is a character.
    static func separatorCount(at position: Int, in value: RawSpan) -> Int {
        if value[byte: position].isSeparator { return 1 }
        let rest = min(value.byteCount - position, bullet.count)
        return rest == bullet.count && (0..<rest).allSatisfy { value[byte: position + $0] == bullet[$0] } ? rest : 0
    }
}
