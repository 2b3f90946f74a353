/// Follows the bytes that one reading yields through the automaton of the forms, and knows where in the input they
/// began.
struct MatchTrack {
    private(set) var node: UInt32 = 0
    /// Where the units of the last bytes began, times 2, plus 1 for the first byte of a unit: a ring of at least the
    /// node's depth.
    private var starts = [Int](repeating: 0, count: 16)
    private var count = 0
    /// A short occurrence at the window's end: the byte that follows decides whether it counts.
    private var pending: Padded?
    /// An occurrence at the window's end that counts: padding that follows belongs to it.
    private var unpadded: Padded?

    /// An occurrence, and how many bytes of padding may follow it.
    private struct Padded {
        var occurrence: Occurrence
        var padding: Int
    }

    /// Where the oldest byte began that may still become part of an occurrence; `nil` if there is none.
    func start(in tables: AutomatonTables) -> Int? {
        node == 0 ? nil : unit(ofLast: tables.depth(of: node)).start
    }

    /// Nothing before this position will be covered by what is still to come, but for that of which fewer than `minimum`
    /// bytes of a form are there.
    func holdStart(in tables: AutomatonTables, ofAtLeast minimum: Int) -> Int {
        let start = tables.depth(of: node) >= minimum ? start(in: tables) : nil
        let open = min(
            pending?.occurrence.range.lowerBound ?? .max, unpadded?.occurrence.range.lowerBound ?? .max)
        return min(start ?? .max, open)
    }

    /// No form goes on here.
    @inline(__always)
    mutating func reset() {
        node = 0
    }

    /// Takes a byte of a unit that stands in the input from `start` to `end`, and records the occurrences that end with
    /// it. They are of whole units.
    ///
    /// - Parameter padding: How many bytes of padding belong to what ends with this byte.
    @inline(__always)
    mutating func step(
        _ byte: UInt8,
        from start: Int,
        to end: Int,
        isFirst: Bool = true,
        isLast: Bool = true,
        padding: Int = 0,
        in context: ReadingContext,
        into coverage: inout Coverage
    ) {
        node = context.tables.step(from: node, byte)
        guard node != 0 else { return }
        append(start << 1 | (isFirst ? 1 : 0), depth: context.tables.depth(of: node))
        if isLast, context.tables.nodes[Int(node)].has(AutomatonTables.Flag.endsMatch) {
            coverMatch(endingAt: end, padding: padding, in: context, into: &coverage)
        }
    }

    /// Decides about what was at the end of the last window, now that it is known what follows.
    mutating func decidePending(in context: ReadingContext, into coverage: inout Coverage) {
        if let known = unpadded { take(known, isNew: false, in: context, into: &coverage) }
        guard let short = pending else { return }
        let end = short.occurrence.range.upperBound
        guard end < context.window.end || context.window.isLast else { return }
        pending = nil
        if end == context.window.end || !context.window[end].isAlphanumeric {
            take(short, isNew: true, in: context, into: &coverage)
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
        padding: Int,
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
            let occurrence = Padded(
                occurrence: Occurrence(range: start..<end, finder: context.finder, node: match), padding: padding)
            if end - start >= KnownForm.freeCount {
                // What is shorter is within it.
                return take(occurrence, isNew: true, in: context, into: &coverage)
            }
            if context.window.isBoundary(before: start) {
                pending = occurrence
                return decidePending(in: context, into: &coverage)
            }
            match = tables.nodes[Int(tables.nodes[Int(match)].fallback)].match
        }
    }

    /// Records an occurrence with the padding behind it; one that is not new, only if there is some more.
    private mutating func take(
        _ found: Padded,
        isNew: Bool,
        in context: ReadingContext,
        into coverage: inout Coverage
    ) {
        var occurrence = found.occurrence
        var padding = found.padding
        var end = occurrence.range.upperBound
        while padding > 0, end < context.window.end, context.window[end] == UInt8(ascii: "=") {
            end += 1
            padding -= 1
        }
        let isLonger = end > occurrence.range.upperBound
        occurrence.range = occurrence.range.lowerBound..<end
        if isNew || isLonger { coverage.cover(occurrence.range, by: occurrence.finder, at: occurrence.node) }
        let isOpen = padding > 0 && end == context.window.end && !context.window.isLast
        unpadded = isOpen ? Padded(occurrence: occurrence, padding: padding) : nil
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
