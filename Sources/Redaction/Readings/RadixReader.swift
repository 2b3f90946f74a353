/// An encoding that writes a text, taken as one long number, in digits of a few bits: base64, base32, hex.
protocol RadixAlphabet: SendableMetatype {
    /// The number of bits of a digit: 4, 5 or 6.
    static var bitsPerDigit: Int { get }
    /// For each value of a digit, the byte for it, and another one that means the same, or the same once more.
    static var digits: [(UInt8, UInt8)] { get }
    /// For each byte, the value of the digit that it is, or 255.
    static var values: [UInt8] { get }

    /// What stands at `position`, where there is no digit.
    static func other(at position: Int, in window: InputWindow) -> RadixElement
    /// Where the digit begins that `position` is within, if that is longer than a byte; else `position`.
    static func digitStart(at position: Int, in window: InputWindow) -> Int
}

/// What stands in a text that is written in digits.
enum RadixElement {
    case digit(UInt8, length: Int)
    /// A line break.
    case gap(length: Int)
    case none
    /// The window ends before it is certain what it is.
    case incomplete
}

/// Reads digits, from every position at which the encoded text may have begun.
struct RadixReader<A: RadixAlphabet>: Reader {
    /// What a digit completes, by its place in a block of digits that together are whole bytes.
    private struct Place {
        /// How many bits behind the completed byte there are; `nil` when none is completed.
        var shift: Int?
        /// How many digits before this one the completed byte begins.
        var back = 0
        /// How many bytes of padding there are behind a text that ends here.
        var padding = 0
        /// How many bits of the next byte there are then, and how many digits before this one they begin.
        var rest: (bitCount: Int, back: Int)
    }

    private let kind: StartKind
    private let places: [Place]
    private let values: [UInt8]
    /// One for each place of a block that the first digit may have had.
    private var tracks: [MatchTrack]
    private var isActive = false
    private var cursor = 0
    /// The end of the stretch. It is left when all that began before has come to nothing.
    private var through = 0
    /// What begins before this position has come to nothing.
    private var decided = 0
    private var bits: UInt32 = 0
    private var digitCount = 0
    /// The digits since the last byte that was none.
    private var runCount = 0
    /// Where the last digits began.
    private var starts: (Int, Int, Int) = (0, 0, 0)

    init(kind: StartKind) {
        self.kind = kind
        let width = A.bitsPerDigit
        let blockCount = 8 / (width & -width)
        places = (0..<blockCount).map { place in
            let before = place * width / 8
            let byteCount = (place + 1) * width / 8
            return Place(
                shift: byteCount > before ? (place + 1) * width - 8 * byteCount : nil,
                back: place - 8 * before / width,
                padding: blockCount - 1 - place,
                rest: ((place + 1) * width - 8 * byteCount, place - 8 * byteCount / width)
            )
        }
        values = A.values
        tracks = Array(repeating: MatchTrack(), count: blockCount)
    }

    func holdStart(in tables: AutomatonTables, ofAtLeast minimum: Int) -> Int {
        let start = tracks.reduce(Int.max) { min($0, $1.holdStart(in: tables, ofAtLeast: minimum)) }
        return isActive && minimum == 0 ? min(start, cursor, unfinishedStart(in: tables)) : start
    }

    mutating func restart(at position: Int) {
        self = RadixReader(kind: kind)
        decided = position
    }

    mutating func scan(_ signs: ReadingSigns, in context: ReadingContext, into coverage: inout Coverage) {
        for index in tracks.indices { tracks[index].decidePending(in: context, into: &coverage) }
        if isActive { advance(in: context, into: &coverage) }
        for start in signs.starts(of: kind) {
            // The digit before may hold the first bits of the form.
            read(ReadingRequest(from: start.from - 1, through: start.through), in: context, into: &coverage)
        }
    }

    private mutating func read(
        _ request: ReadingRequest,
        in context: ReadingContext,
        into coverage: inout Coverage
    ) {
        guard request.through > decided else { return }
        through = max(through, request.through)
        if !isActive {
            isActive = true
            let start = max(request.from, context.window.start)
            cursor = max(A.digitStart(at: start, in: context.window), decided)
            runCount = 0
        }
        advance(in: context, into: &coverage)
    }

    private mutating func advance(in context: ReadingContext, into coverage: inout Coverage) {
        let window = context.window
        while cursor < window.end {
            if cursor >= through, oldestStart(in: context.tables) >= through { return stop(in: context) }
            let value = values[Int(window[cursor])]
            let element = value < 64 ? .digit(value, length: 1) : A.other(at: cursor, in: window)
            switch element {
            case .digit(let value, let length):
                starts = (cursor, starts.0, starts.1)
                cursor += length
                take(value, in: context, into: &coverage)
            case .gap(let length):
                cursor += length
            case .none:
                reset()
                cursor += 1
            case .incomplete:
                return settle(in: context.tables)
            }
        }
        settle(in: context.tables)
        if holdStart(in: context.tables, ofAtLeast: 0) >= cursor { stop(in: context) }
    }

    private mutating func take(_ value: UInt8, in context: ReadingContext, into coverage: inout Coverage) {
        bits = bits << UInt32(A.bitsPerDigit) | UInt32(value)
        runCount += 1
        for index in tracks.indices {
            let place = places[(digitCount + index) & (places.count - 1)]
            guard let shift = place.shift, runCount > place.back else { continue }
            let byte = UInt8(truncatingIfNeeded: bits >> UInt32(shift))
            let start = place.back == 1 ? starts.1 : starts.2
            tracks[index].step(
                byte, from: start, to: cursor, padding: place.padding, in: context, into: &coverage)
        }
        digitCount += 1
    }

    private mutating func reset() {
        guard runCount > 0 else { return }
        for index in tracks.indices { tracks[index].reset() }
        runCount = 0
    }

    private mutating func settle(in tables: AutomatonTables) {
        for index in tracks.indices { tracks[index].settle(in: tables) }
    }

    private mutating func stop(in context: ReadingContext) {
        decided = min(oldestStart(in: context.tables), cursor)
        reset()
        isActive = false
    }

    /// Where the oldest byte began that may still become part of an occurrence, or that is not complete.
    private func oldestStart(in tables: AutomatonTables) -> Int {
        let unfinished = runCount == 0 ? cursor : runCount == 1 ? starts.0 : starts.1
        return tracks.reduce(unfinished) { min($0, $1.start(in: tables) ?? .max) }
    }

    /// Where the oldest byte began that is not complete and, as far as it goes, is like the start of a form.
    private func unfinishedStart(in tables: AutomatonTables) -> Int {
        guard runCount > 0 else { return .max }
        var oldest = Int.max
        for index in tracks.indices {
            let rest = places[(digitCount - 1 + index) & (places.count - 1)].rest
            guard rest.bitCount > 0, runCount > rest.back else { continue }
            let unknownCount = 8 - rest.bitCount
            let first = Int(bits & (1 << UInt32(rest.bitCount) - 1)) << unknownCount
            guard tables.starts[first..<first + 1 << unknownCount].contains(where: { $0 != 0 }) else { continue }
            oldest = min(oldest, rest.back == 0 ? starts.0 : starts.1)
        }
        return oldest
    }
}

extension RadixAlphabet {
    /// The table for ``values``.
    static func makeValues() -> [UInt8] {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, digit) in digits.enumerated() {
            values[Int(digit.0)] = UInt8(value)
            values[Int(digit.1)] = UInt8(value)
        }
        return values
    }

    static func other(at position: Int, in window: InputWindow) -> RadixElement { .none }

    static func digitStart(at position: Int, in window: InputWindow) -> Int { position }

    /// Marks how `form` may begin, for each number of bits of its first byte that may be in a digit with what is before
    /// it.
    static func mark(_ form: RawSpan, in marker: inout StartMarker) {
        for begun in Set((0..<8).map { (8 * $0) % bitsPerDigit }) {
            // The first digit also has bits of what is before the form.
            var bit = (bitsPerDigit - begun) % bitsPerDigit
            while bit + bitsPerDigit <= 8 * form.byteCount, !marker.isFull {
                var value = UInt16(form[byte: bit / 8]) << 8
                if bit / 8 + 1 < form.byteCount { value |= UInt16(form[byte: bit / 8 + 1]) }
                let digit = Int(value >> UInt16(16 - bit % 8 - bitsPerDigit)) & (1 << bitsPerDigit - 1)
                marker.append(digits[digit].0, or: digits[digit].1)
                bit += bitsPerDigit
            }
            marker.finishStart()
        }
    }
}
