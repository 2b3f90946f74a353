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

    /// Whether the stream starts at `position`, or the byte before it is neither an ASCII letter nor a digit.
    func isBoundary(before position: Int) -> Bool {
        byte(before: position).map { !$0.isAlphanumeric } ?? true
    }
}
