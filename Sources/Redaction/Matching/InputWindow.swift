/// The stretch of a stream's input that can be looked at in one step: the bytes kept from before, and the fresh ones.
struct InputWindow {
    /// The position of the first byte in the stream's input.
    let start: Int
    /// The byte before that; `nil` at the start of the stream.
    let before: UInt8?
    let kept: UnsafeRawBufferPointer
    let fresh: UnsafeRawBufferPointer
    /// Whether the stream ends with it.
    var isLast = false

    var freshStart: Int { start + kept.count }
    var end: Int { freshStart + fresh.count }

    /// The byte at a position in the window.
    @inline(__always)
    subscript(position: Int) -> UInt8 {
        let offset = position - freshStart
        return offset >= 0 ? fresh[offset] : kept[offset + kept.count]
    }

    /// The byte before `position`, which may be the window's start; `nil` at the start of the stream.
    @inline(__always)
    func byte(before position: Int) -> UInt8? {
        position > start ? self[position - 1] : before
    }

    /// Whether the stream starts at `position`, or the byte before it is neither an ASCII letter nor a digit.
    func isBoundary(before position: Int) -> Bool {
        byte(before: position).map { !$0.isAlphanumeric } ?? true
    }

    /// The bytes in `range` that were kept, and those that are fresh.
    func parts(of range: Range<Int>) -> (kept: UnsafeRawBufferPointer, fresh: UnsafeRawBufferPointer) {
        let old = range.clamped(to: start..<freshStart)
        let new = range.clamped(to: freshStart..<end)
        return (
            UnsafeRawBufferPointer(rebasing: kept[(old.lowerBound - start)..<(old.upperBound - start)]),
            UnsafeRawBufferPointer(rebasing: fresh[(new.lowerBound - freshStart)..<(new.upperBound - freshStart)])
        )
    }

    /// The number of line feeds between two positions in the window.
    func lineFeedCount(in range: Range<Int>) -> Int {
        let parts = parts(of: range)
        var count = 0
        for byte in parts.kept where byte == .lineFeed { count += 1 }
        for byte in parts.fresh where byte == .lineFeed { count += 1 }
        return count
    }
}
