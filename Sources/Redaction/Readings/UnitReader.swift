/// Reads the stretches of a stream in which a form may begin, as one ``Reading`` has it.
struct UnitReader<R: Reading>: Sendable {
    /// All units begin at positions that leave ``phase`` when divided by this.
    private let alignment: Int
    private let phase: Int
    private var track = MatchTrack()
    /// Whether it is within a stretch, at ``cursor``.
    private(set) var isActive = false
    private var cursor = 0
    private var follows = false
    /// The end of the stretch. It is left when all that began before has come to nothing.
    private var through = 0
    /// What begins before this position has come to nothing.
    private var decided = 0

    init(alignment: Int = 1, phase: Int = 0) {
        self.alignment = alignment
        self.phase = phase
    }

    mutating func restart(at position: Int) {
        self = UnitReader(alignment: alignment, phase: phase)
        decided = position
    }

    func holdStart(in tables: AutomatonTables, ofAtLeast minimum: Int) -> Int {
        min(track.holdStart(in: tables, ofAtLeast: minimum), isActive && minimum == 0 ? cursor : .max)
    }

    /// Goes on where the last window ended, as far as that is still of interest.
    mutating func resume(in context: ReadingContext, into coverage: inout Coverage) {
        track.decidePending(in: context, into: &coverage)
        if isActive { advance(in: context, into: &coverage) }
    }

    /// Reads one more stretch. They come in the order of their ends.
    mutating func read(_ request: ReadingRequest, in context: ReadingContext, into coverage: inout Coverage) {
        guard request.through > decided else { return }
        through = max(through, request.through)
        if !isActive {
            isActive = true
            var start = max(request.from, decided)
            start += (phase + alignment - start % alignment) % alignment
            // A unit that was left is one still.
            if start != decided { follows = false }
            cursor = start
        }
        advance(in: context, into: &coverage)
    }

    private mutating func advance(in context: ReadingContext, into coverage: inout Coverage) {
        let window = context.window
        while cursor < window.end {
            if cursor >= through, track.start(in: context.tables) ?? .max >= through { return stop(in: context) }
            switch R.unit(at: cursor, in: window, follows: follows) {
            case .bytes(var bytes, let count, let length):
                let end = cursor + length
                for index in 0..<count {
                    track.step(
                        UInt8(truncatingIfNeeded: bytes), from: cursor, to: end,
                        isFirst: index == 0, isLast: index == count - 1, in: context, into: &coverage
                    )
                    bytes >>= 8
                }
                cursor = end
                follows = true
            case .gap(let length):
                cursor += length
                follows = true
            case .none:
                track.reset()
                cursor += R.skippedCount(at: cursor, in: window)
                follows = false
            case .incomplete:
                track.settle(in: context.tables)
                guard track.node == 0 else { return }
                // What is only a gap need not be held back.
                while cursor < window.end, R.isGap(window[cursor]) {
                    cursor += 1
                    follows = true
                }
                if cursor < window.end, R.mayBegin(at: cursor, in: context) { return }
                cursor = window.end
            }
        }
        track.settle(in: context.tables)
        // Whether something begins in the bytes to come is another question.
        if track.node == 0 { stop(in: context) }
    }

    private mutating func stop(in context: ReadingContext) {
        if let start = track.start(in: context.tables) {
            decided = start
            follows = true
        } else {
            decided = cursor
        }
        track.reset()
        isActive = false
    }
}
