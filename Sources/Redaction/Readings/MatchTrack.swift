/// Follows the bytes that one reading yields through the automaton of the forms, and knows where in the input they
/// began.
struct MatchTrack {
    private(set) var node: UInt32 = 0
    /// Where the units of the last bytes began, times 2, plus 1 for the first byte of a unit: a ring of at least the
    /// node's depth.
    private var starts = [Int](repeating: 0, count: 16)
    private var count = 0
    /// A short occurrence at the window's end: the byte that follows decides whether it counts.
    private var pending: Occurrence?

    /// Where the oldest byte began that may still become part of an occurrence; `nil` if there is none.
    func start(in tables: AutomatonTables) -> Int? {
        node == 0 ? nil : unit(ofLast: tables.depth(of: node)).start
    }

    /// Nothing before this position will be covered by what is still to come, but for that of which fewer than `minimum`
    /// bytes of a form are there.
    func holdStart(in tables: AutomatonTables, ofAtLeast minimum: Int) -> Int {
        let start = tables.depth(of: node) >= minimum ? start(in: tables) : nil
        return min(start ?? .max, pending?.range.lowerBound ?? .max)
    }

    /// No form goes on here.
    @inline(__always)
    mutating func reset() {
        node = 0
    }

    /// Takes a byte of a unit that stands in the input from `start` to `end`, and records the occurrences that end with
    /// it. They are of whole units.
    @inline(__always)
    mutating func step(
        _ byte: UInt8,
        from start: Int,
        to end: Int,
        isFirst: Bool = true,
        isLast: Bool = true,
        in context: ReadingContext,
        into coverage: inout Coverage
    ) {
        node = context.tables.step(from: node, byte)
        guard node != 0 else { return }
        append(start << 1 | (isFirst ? 1 : 0), depth: context.tables.depth(of: node))
        if isLast, context.tables.nodes[Int(node)].has(AutomatonTables.Flag.endsMatch) {
            coverMatch(endingAt: end, in: context, into: &coverage)
        }
    }

    /// Decides about a short occurrence, now that it is known what follows it.
    mutating func decidePending(in context: ReadingContext, into coverage: inout Coverage) {
        guard let occurrence = pending else { return }
        let end = occurrence.range.upperBound
        guard end < context.window.end || context.window.isLast else { return }
        pending = nil
        if end == context.window.end || !context.window[end].isAlphanumeric {
            coverage.cover(occurrence.range, by: occurrence.finder, at: occurrence.node)
        }
    }

    /// Gives up what can no longer become an occurrence.
    mutating func settle(in tables: AutomatonTables) {
        while node != 0, !tables.nodes[Int(node)].has(AutomatonTables.Flag.leadsToMatch) {
            node = tables.nodes[Int(node)].fallback
        }
    }

    // MARK: Occurrences

    private mutating func coverMatch(
        endingAt end: Int,
        in context: ReadingContext,
        into coverage: inout Coverage
    ) {
        let tables = context.tables
        var match = tables.nodes[Int(node)].match
        while match != 0 {
            let (start, isWhole) = unit(ofLast: tables.depth(of: match))
            guard isWhole else {
                match = tables.nodes[Int(tables.nodes[Int(match)].fallback)].match
                continue
            }
            let occurrence = Occurrence(range: start..<end, finder: context.finder, node: match)
            if end - start >= KnownForm.freeCount {
                // What is shorter is within it.
                return coverage.cover(occurrence.range, by: occurrence.finder, at: match)
            }
            if context.window.isBoundary(before: start) {
                pending = occurrence
                return decidePending(in: context, into: &coverage)
            }
            match = tables.nodes[Int(tables.nodes[Int(match)].fallback)].match
        }
    }

    // MARK: The ring

    /// Where the unit began that the byte so many bytes back is of, and whether it is the unit's first.
    private func unit(ofLast depth: Int) -> (start: Int, isFirst: Bool) {
        let entry = starts[(count - depth) & (starts.count - 1)]
        return (entry >> 1, entry & 1 != 0)
    }

    @inline(__always)
    private mutating func append(_ entry: Int, depth: Int) {
        if depth > starts.count { grow() }
        starts[count & (starts.count - 1)] = entry
        count += 1
    }

    private mutating func grow() {
        var larger = [Int](repeating: 0, count: 2 * starts.count)
        for index in max(0, count - starts.count)..<count {
            larger[index & (larger.count - 1)] = starts[index & (starts.count - 1)]
        }
        starts = larger
    }
}
