/// The stretches of a window in which the search for plain forms had to look at every byte: whatever begins like a form
/// and is longer than the filter's ``StartFilter/reach`` begins in one of them.
struct PlainStretches {
    /// Whether they are noted.
    var isRecording = false
    private var ranges: [Range<Int>] = []
    private var start = 0

    /// The search begins at `position`.
    mutating func begin(at position: Int) {
        ranges.removeAll(keepingCapacity: true)
        start = position
    }

    /// The search goes on at `end`, without a look at what is between.
    @inline(__always)
    mutating func skip(from position: Int, to end: Int) {
        guard isRecording, end > position else { return }
        finish(at: position)
        start = end
    }

    /// The search ends at `position`.
    mutating func finish(at position: Int) {
        if position > start { ranges.append(start..<position) }
    }

    /// The start of the stretch that holds the byte before `position`.
    func start(ofStretchBefore position: Int) -> Int? {
        var candidates = ranges.startIndex..<ranges.endIndex
        while !candidates.isEmpty {
            let middle = candidates.lowerBound + candidates.count / 2
            if ranges[middle].contains(position - 1) { return ranges[middle].lowerBound }
            if ranges[middle].upperBound < position {
                candidates = middle + 1..<candidates.upperBound
            } else {
                candidates = candidates.lowerBound..<middle
            }
        }
        return nil
    }
}
