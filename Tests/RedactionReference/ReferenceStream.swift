/// A stream by the rules of redaction: it keeps all of its input and works everything out anew at every step.
package struct ReferenceStream {
    private var forms: [Reference.Form] = []
    private var input: [UInt8] = []
    /// The positions that an idle release has let out uncovered.
    private var early: Set<Int> = []

    package init() {}

    /// Occurrences of a new value count from where input is held back.
    package mutating func add(_ value: [UInt8]) {
        let start = holdStart
        for var form in Reference.forms(of: value) {
            form.knownFrom = start
            // What is known already stays known from where it was.
            forms.append(form)
        }
    }

    package mutating func feed(_ bytes: [UInt8]) {
        input += bytes
    }

    package mutating func releaseIdle() {
        let start = holdStart
        guard input.count - start < 4 else { return }
        let covered = ranges(isComplete: false).filter { $0.lowerBound <= start }
        for position in start..<input.count where !covered.contains(where: { $0.contains(position) }) {
            early.insert(position)
        }
    }

    /// The start of the longest suffix of the input that may still become an occurrence.
    package var holdStart: Int {
        for start in 0..<input.count {
            let suffix = Array(input[start...])
            let isStart = forms.contains { form in
                guard start >= form.knownFrom, form.bytes.starts(with: suffix) else { return false }
                guard form.isWholeWord else { return suffix.count < form.bytes.count }
                return Reference.isBoundary(before: start, in: input)
            }
            if isStart { return start }
        }
        return input.count
    }

    /// All that must have come out by now, and nothing else may have.
    package func output(isComplete: Bool = false) -> [UInt8] {
        let limit = isComplete ? input.count : holdStart
        let ranges = ranges(isComplete: isComplete)
        var output: [UInt8] = []
        var lastReplaced: Range<Int>?
        for position in input.indices {
            let range = ranges.first { $0.contains(position) }
            if early.contains(position) || range == nil && position < limit {
                output.append(input[position])
                lastReplaced = nil
            } else if let range, range.lowerBound <= limit, lastReplaced != range {
                output += Reference.replacement
                lastReplaced = range
            }
        }
        return output
    }

    private func ranges(isComplete: Bool) -> [Range<Int>] {
        Reference.merged(Reference.occurrences(of: forms, in: input, isComplete: isComplete))
    }
}
