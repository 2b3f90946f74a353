/// Which parts of a stream's input are covered by occurrences of known forms, and how far the output has come.
///
/// Positions count the bytes of the stream's input. Occurrences that overlap become one range, adjacent ones do not.
struct Coverage {
    /// What comes next in the output.
    enum Part {
        case text(Range<Int>)
        case replacement
    }

    /// Everything before this position is in the output or replaced there.
    private(set) var released = 0
    /// Whether the byte before ``released`` was replaced.
    private var endsWithReplacement = false
    /// Disjoint, in increasing order, and all of them ending after ``released``.
    private var ranges: [Range<Int>] = []
    /// The ranges before this index are dealt with.
    private var firstRange = 0
    /// Whether ``found`` is filled.
    var isRecording = false
    /// What was covered since it was last taken, each occurrence with the automaton's node for it.
    private(set) var found: [(range: Range<Int>, node: UInt32)] = []

    var hasPendingRanges: Bool { firstRange < ranges.count }

    /// Records an occurrence of the form that ends at `node`. Occurrences come in the order of their ends.
    mutating func cover(_ occurrence: Range<Int>, at node: UInt32) {
        if isRecording { found.append((occurrence, node)) }
        var range = occurrence
        while hasPendingRanges, let last = ranges.last, last.upperBound > range.lowerBound {
            range = min(last.lowerBound, range.lowerBound)..<max(last.upperBound, range.upperBound)
            guard range.lowerBound < last.lowerBound else {
                // The usual case: no range before the last can overlap.
                ranges[ranges.count - 1] = range
                return
            }
            ranges.removeLast()
        }
        if endsWithReplacement, range.lowerBound < released {
            released = max(released, range.upperBound)
        } else {
            ranges.append(range)
        }
    }

    /// Takes the next part of the output, given that no occurrence that is still to come begins before `limit`.
    ///
    /// A range that begins at `limit` is replaced too: whatever comes can only make it longer.
    mutating func nextPart(upTo limit: Int) -> Part? {
        guard hasPendingRanges, ranges[firstRange].lowerBound <= limit else {
            return released < limit ? text(upTo: limit) : nil
        }
        let range = ranges[firstRange]
        if released < range.lowerBound { return text(upTo: range.lowerBound) }
        removeFirstRange()
        released = range.upperBound
        endsWithReplacement = true
        return .replacement
    }

    /// Takes the text before `position` out of turn, though an occurrence that comes later may cover it.
    mutating func text(upTo position: Int) -> Part {
        defer {
            released = position
            endsWithReplacement = false
        }
        return .text(released..<position)
    }

    /// Forgets the ranges that are not in the output yet.
    mutating func removePendingRanges() {
        ranges.removeAll()
        firstRange = 0
    }

    /// Forgets what was ``found``.
    mutating func removeFound() {
        found.removeAll(keepingCapacity: true)
    }

    /// Keeps the cost of a removal constant on average, as the ranges before `firstRange` are dropped in bulk.
    private mutating func removeFirstRange() {
        firstRange += 1
        guard firstRange * 2 >= ranges.count else { return }
        ranges.removeFirst(firstRange)
        firstRange = 0
    }
}
