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
    /// Occurrences, or several that overlap as one, that are not among ``ranges`` yet.
    private var added: [Range<Int>] = []
    /// Whether ``found`` is filled.
    var isRecording = false
    /// What was covered since it was last forgotten.
    private(set) var found: [Occurrence] = []

    var isEmpty: Bool { firstRange == ranges.count && added.isEmpty }

    /// Records an occurrence. They come in any order.
    mutating func cover(_ range: Range<Int>, by finder: Occurrence.Finder, at node: UInt32) {
        if isRecording { found.append(Occurrence(range: range, finder: finder, node: node)) }
        if let last = added.last, range.lowerBound < last.upperBound, last.lowerBound < range.upperBound {
            let union = min(range.lowerBound, last.lowerBound)..<max(range.upperBound, last.upperBound)
            added[added.count - 1] = union
        } else {
            added.append(range)
        }
    }

    /// Takes the next part of the output, given that no occurrence that is still to come begins before `limit`, or that
    /// what is before it comes out nevertheless.
    ///
    /// A range that begins at `limit` is replaced too: whatever comes can only make it longer.
    mutating func nextPart(upTo limit: Int) -> Part? {
        if !added.isEmpty { mergeAdded() }
        guard firstRange < ranges.count, ranges[firstRange].lowerBound <= limit else {
            return released < limit ? text(upTo: limit) : nil
        }
        let range = ranges[firstRange]
        if released < range.lowerBound { return text(upTo: range.lowerBound) }
        removeFirstRange()
        released = range.upperBound
        endsWithReplacement = true
        return .replacement
    }

    /// Takes the text before `position`.
    private mutating func text(upTo position: Int) -> Part {
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
        added.removeAll()
    }

    /// Forgets what was ``found``.
    mutating func removeFound() {
        found.removeAll(keepingCapacity: true)
    }

    private mutating func mergeAdded() {
        // What is in order already costs nothing to sort.
        added.append(contentsOf: ranges[firstRange...])
        added.sort { $0.lowerBound < $1.lowerBound }
        ranges.removeAll(keepingCapacity: true)
        firstRange = 0
        for range in added where range.upperBound > released {
            if let last = ranges.last, range.lowerBound < last.upperBound {
                ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else if endsWithReplacement, range.lowerBound < released {
                // It belongs to what was replaced last.
                released = range.upperBound
            } else {
                ranges.append(range)
            }
        }
        added.removeAll(keepingCapacity: true)
    }

    /// Keeps the cost of a removal constant on average, as the ranges before `firstRange` are dropped in bulk.
    private mutating func removeFirstRange() {
        firstRange += 1
        guard firstRange * 2 >= ranges.count else { return }
        ranges.removeFirst(firstRange)
        firstRange = 0
    }
}
