/// The stretch of a stream's input that can be looked at in one step: the bytes kept from before, and the fresh ones.
struct InputWindow {
    /// The position of the first byte in the stream's input.
    let start: Int
    /// The byte before that; `nil` at the start of the stream.
    let before: UInt8?
    let kept: UnsafeRawBufferPointer
    let fresh: UnsafeRawBufferPointer

    var freshStart: Int { start + kept.count }
    var end: Int { freshStart + fresh.count }

    /// The byte before `position`, which may be the window's start; `nil` at the start of the stream.
    func byte(before position: Int) -> UInt8? {
        if position > freshStart { return fresh[position - 1 - freshStart] }
        return position > start ? kept[position - 1 - start] : before
    }

    /// The number of line feeds between two positions in the window.
    func lineFeedCount(in range: Range<Int>) -> Int {
        var count = 0
        let kept = range.clamped(to: start..<freshStart)
        for position in kept where self.kept[position - start] == .lineFeed { count += 1 }
        let fresh = range.clamped(to: freshStart..<end)
        for position in fresh where self.fresh[position - freshStart] == .lineFeed { count += 1 }
        return count
    }

    /// Whether the stream starts at `position`, or the byte before it is neither an ASCII letter nor a digit.
    func isBoundary(before position: Int) -> Bool {
        byte(before: position).map { !$0.isAlphanumeric } ?? true
    }
}
