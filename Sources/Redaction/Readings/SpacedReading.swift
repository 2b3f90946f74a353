/// Text with anything between its characters that is neither letter nor digit: `h u n t`, `["h", "u", "n"]`, one
/// character on each line of a list.
enum SpacedReading: Reading {
    /// The most bytes between two characters.
    static let maximumCount = 8
    /// A bullet, in UTF-8.
    private static let bullet: [UInt8] = [0xE2, 0x80, 0xA2]

    static func unit(at position: Int, in window: InputWindow, follows: Bool) -> ReadingUnit {
        var end = position
        while end < window.end, end - position <= maximumCount {
            if window[end].isSeparator {
                end += 1
            } else if window[end] == bullet[0] {
                let available = min(window.end - end, bullet.count)
                guard (0..<available).allSatisfy({ window[end + $0] == bullet[$0] }) else { break }
                if available < bullet.count, !window.isLast { return .incomplete }
                guard available == bullet.count else { break }
                end += bullet.count
            } else {
                break
            }
        }
        if end == position { return .byte(window[position], length: 1) }
        if end == window.end { return .end(of: window) }
        return end - position <= maximumCount ? .gap(length: end - position) : .none
    }

    static func skippedCount(at position: Int, in window: InputWindow) -> Int {
        window[position] == bullet[0] ? bullet.count : 1
    }

    static func isGap(_ byte: UInt8) -> Bool { byte.isSeparator }

    /// The length of the separator at `position` in a value; 0 if there is a character.
    static func separatorCount(at position: Int, in value: RawSpan) -> Int {
        if value[byte: position].isSeparator { return 1 }
        let rest = min(value.byteCount - position, bullet.count)
        return rest == bullet.count && (0..<rest).allSatisfy { value[byte: position + $0] == bullet[$0] } ? rest : 0
    }
}
