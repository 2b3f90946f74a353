/// Following the input through the automaton.
extension AutomatonTables {
    /// Looks at the window's fresh bytes, coming from `node`, and records each occurrence that is certain at their end.
    ///
    /// - Returns: The node after the last byte.
    func scan(
        _ window: InputWindow,
        from node: UInt32,
        among starts: PlainStarts,
        into coverage: inout Coverage,
        noting stretches: inout PlainStretches
    ) -> UInt32 {
        let bytes = window.fresh
        var node = node
        var starts = starts
        var index = 0
        stretches.begin(at: window.freshStart - depth(of: node))
        defer { stretches.finish(at: window.end) }
        while index < bytes.count {
            if node == 0 {
                let possible = starts.next(from: index)
                stretches.skip(from: window.freshStart + index, to: window.freshStart + possible)
                index = possible
                guard index < bytes.count else { break }
            }
            if nodes[Int(node)].has(Flag.endsWord), !bytes[index].isAlphanumeric {
                coverWord(endingAt: window.freshStart + index, at: node, in: window, into: &coverage)
            }
            let previous = node
            node = step(from: node, bytes[index])
            index += 1
            if previous != 0, nodes[Int(node)].depth == 1 {
                // All earlier starts have failed and only this byte is left as one: ask the filter about it.
                let possible = starts.next(from: index - 1)
                guard possible == index - 1 else {
                    stretches.skip(from: window.freshStart + index - 1, to: window.freshStart + possible)
                    node = 0
                    index = possible
                    continue
                }
            }
            if nodes[Int(node)].has(Flag.endsMatch) {
                let end = window.freshStart + index
                let match = nodes[Int(node)].match
                coverage.cover(end - depth(of: match)..<end, by: .plain, at: match)
            }
            while index < bytes.count, nodes[Int(node)].leadsQuietly(with: bytes[index]) {
                node += 1
                index += 1
            }
        }
        return node
    }

    /// Records the longest whole-word form that ends at `end`, given that a boundary follows there.
    func coverWord(endingAt end: Int, at node: UInt32, in window: InputWindow, into coverage: inout Coverage) {
        let current = nodes[Int(node)]
        let start = end - Int(current.depth)
        if current.has(Flag.isWord), window.isBoundary(before: start) {
            coverage.cover(start..<end, by: .plain, at: node)
        } else if current.innerWord != 0 {
            coverage.cover(end - depth(of: current.innerWord)..<end, by: .plain, at: current.innerWord)
        }
    }

    /// The node for the longest suffix of the input that may still become an occurrence, given that the input up to
    /// the window's end leads to `node`.
    ///
    /// The suffix begins at the window's end less the node's depth; no occurrence to come begins before.
    func settle(_ node: UInt32, in window: InputWindow) -> UInt32 {
        var node = node
        while node != 0 {
            let current = nodes[Int(node)]
            if current.has(Flag.leadsToMatch) { return node }
            // A complete word waits for the byte behind it.
            let mayBecomeWord = current.has(Flag.leadsToWord | Flag.isWord)
            if mayBecomeWord, window.isBoundary(before: window.end - Int(current.depth)) { return node }
            node = current.fallback
        }
        return 0
    }

    /// The number of bytes from the root to `node`.
    func depth(of node: UInt32) -> Int {
        Int(nodes[Int(node)].depth)
    }
}
