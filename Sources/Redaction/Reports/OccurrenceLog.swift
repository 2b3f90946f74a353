/// The occurrences in a stream that is to report them, until it is certain that none of them is inside a longer one.
struct OccurrenceLog {
    private struct Occurrence {
        var range: Range<Int>
        var label: FormLabel
        var line: Int
    }

    private(set) var report: RedactionReport
    private var pending: [Occurrence] = []
    /// The end of the occurrences that are in the report.
    private var reportedEnd = 0
    /// The line of the byte at ``position``.
    private var line = 1
    private var position = 0

    init(report: RedactionReport = RedactionReport()) {
        self.report = report
    }

    /// Takes down what was found in `window`, in any order.
    ///
    /// - Parameter limit: No occurrence that is still to come begins before it.
    mutating func note(_ found: [(range: Range<Int>, label: FormLabel)], in window: InputWindow, limit: Int) {
        for (range, label) in found.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            advance(to: range.lowerBound, in: window)
            pending.append(Occurrence(range: range, label: label, line: line))
        }
        advance(to: limit, in: window)
        report(before: limit)
    }

    /// Forgets what is not in the report yet, because it will be looked for again.
    mutating func removePending() {
        pending.removeAll()
    }

    /// Counts positions and lines from the start again; the report goes on.
    mutating func restart() {
        self = OccurrenceLog(report: report)
    }

    /// Reports the occurrences that begin before `limit`.
    mutating func report(before limit: Int) {
        guard !pending.isEmpty else { return }
        pending.sort { ($0.range.lowerBound, $1.range.upperBound) < ($1.range.lowerBound, $0.range.upperBound) }
        var later: [Occurrence] = []
        for occurrence in pending {
            if occurrence.range.lowerBound >= limit {
                later.append(occurrence)
            } else if occurrence.range.upperBound > reportedEnd {
                report.add(occurrence.label, line: occurrence.line)
                reportedEnd = occurrence.range.upperBound
            }
        }
        pending = later
    }

    private mutating func advance(to target: Int, in window: InputWindow) {
        guard target > position else { return }
        line += window.lineFeedCount(in: position..<target)
        position = target
    }
}
