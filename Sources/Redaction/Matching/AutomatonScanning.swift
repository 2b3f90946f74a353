/// Following the input through the automaton.
extension AutomatonTables {
    /// Looks at the window's fresh bytes, coming from `node`, and records every occurrence that is certain at their end.
    ///
    /// - Returns: The node after the last byte.
    func scan(_ window: InputWindow, from node: UInt32, into coverage: inout Coverage) -> UInt32 {
        let bytes = window.fresh
        var node = node
        var index = 0
        while index < bytes.count {
            if node == 0 {
                index = filter.firstPossibleStart(in: bytes, from: index)
                guard index < bytes.count else { break }
            }
            let byte = bytes[index]
            if nodes[Int(node)].has(Flag.endsWord), !byte.isAlphanumeric {
                coverWord(endingAt: window.freshStart + index, at: node, in: window, into: &coverage)
            }
            node = step(from: node, byte)
            index += 1
            if nodes[Int(node)].has(Flag.endsMatch) {
                let end = window.freshStart + index
                coverage.cover(end - depth(of: nodes[Int(node)].match)..<end)
            }
        }
        return node
    }

    /// Records the longest whole-word form that ends at `end`, given that a boundary follows there.
    func coverWord(endingAt end: Int, at node: UInt32, in window: InputWindow, into coverage: inout Coverage) {
        let current = nodes[Int(node)]
        let start = end - Int(current.depth)
        if current.has(Flag.isWord), window.isBoundary(before: start) {
            coverage.cover(start..<end)
        } else if current.innerWord != 0 {
            coverage.cover(end - depth(of: current.innerWord)..<end)
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
