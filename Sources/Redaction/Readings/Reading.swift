/// One way to read the input: as a sequence of units, each of which stands for some bytes of a text.
///
/// What is looked for in a reading is a value itself, in the bytes that the units stand for. So a reading covers all the
/// ways in which its encoding may write a value: with everything escaped or only what needs it, in upper and lower case.
protocol Reading: SendableMetatype {
    /// The unit that begins at `position`, which is in the window.
    ///
    /// - Parameter follows: Whether the unit before it, or a gap, ended there. If not, the reading begins there.
    static func unit(at position: Int, in window: InputWindow, follows: Bool) -> ReadingUnit

    /// The number of bytes to leave out where the reading does not go on.
    static func skippedCount(at position: Int, in window: InputWindow) -> Int

    /// Whether `byte` can only be part of a gap, which before a form does not matter.
    static func isGap(_ byte: UInt8) -> Bool

    /// Whether a form may begin with the unit at `position`, of which the window does not have all.
    static func mayBegin(at position: Int, in context: ReadingContext) -> Bool
}

extension Reading {
    static func skippedCount(at position: Int, in window: InputWindow) -> Int { 1 }
    static func isGap(_ byte: UInt8) -> Bool { false }
    static func mayBegin(at position: Int, in context: ReadingContext) -> Bool { true }
}

/// A stretch of input and what it stands for.
enum ReadingUnit {
    /// `count` bytes, from 1 to 4, the first of which is the lowest byte of `bytes`, written in `length` bytes of input.
    case bytes(UInt32, count: Int, length: Int)
    /// Nothing, written in `length` bytes of input.
    case gap(length: Int)
    /// The reading does not go on here.
    case none
    /// The window ends before it is certain what the unit is.
    case incomplete

    /// One byte.
    @inline(__always)
    static func byte(_ byte: UInt8, length: Int) -> ReadingUnit {
        .bytes(UInt32(byte), count: 1, length: length)
    }

    /// That the window ends before the unit does.
    static func end(of window: InputWindow) -> ReadingUnit {
        window.isLast ? .none : .incomplete
    }

    /// A character in UTF-8; ``none`` when there is no character of that number.
    static func character(_ number: UInt32, length: Int) -> ReadingUnit {
        guard let scalar = Unicode.Scalar(number) else { return .none }
        var bytes: UInt32 = 0
        var count = 0
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
            bytes |= UInt32(byte) << UInt32(8 * count)
            count += 1
        }
        return .bytes(bytes, count: count, length: length)
    }
}

/// What a reader needs to know for one step.
struct ReadingContext {
    let window: InputWindow
    /// The automaton of the forms that are looked for.
    let tables: AutomatonTables
    /// The bytes that occur in them.
    let occurring: ByteSet
    /// All four bytes in a row of the forms; `nil` if that would not help.
    let grams: GramBitmap?
    /// What begins with at least so many bytes as they are is found by the search for plain forms.
    let plainReach: Int
    /// Where that search looked at every byte.
    let stretches: PlainStretches
    /// Who reads.
    let finder: Occurrence.Finder
}

/// A stretch of input in which an occurrence may begin, as far as one reader is concerned.
struct ReadingRequest {
    var from: Int
    /// The end of the stretch: what begins from there on is not asked for.
    var through: Int
}

/// Follows one or more readings through a stream.
protocol Reader: Sendable {
    /// No occurrence that is still to come begins before this position, but for those of which fewer than `minimum` bytes
    /// of a form are there.
    func holdStart(in tables: AutomatonTables, ofAtLeast minimum: Int) -> Int
    /// Reads the fresh bytes of the window, as far as something may be found there.
    mutating func scan(_ signs: ReadingSigns, in context: ReadingContext, into coverage: inout Coverage)
    /// What begins before `position` counts no longer, and what begins after it has not been seen yet.
    mutating func restart(at position: Int)
}
