import SecretMemory

/// Writes the tables of an automaton.
///
/// Each form adds the nodes for those of its bytes that it does not share with the start of the form before it: a *run* of
/// nodes one behind the other, each the only or first child of the one before.
struct AutomatonBuilder {
    private typealias Node = AutomatonTables.Node
    private typealias Branch = AutomatonTables.Branch
    private typealias Flag = AutomatonTables.Flag

    /// The nodes that one form adds.
    private struct Run {
        /// The node from which it goes off.
        var parent: UInt32
        var nodes: Range<UInt32>
    }

    private let written: MutableAutomatonTables
    /// The same memory, to be read the way that the finished automaton is.
    private let tables: AutomatonTables
    /// In the order of the forms, which is that of the nodes.
    private var runs: [Run] = []

    /// Builds the automaton.
    ///
    /// - Parameters:
    ///   - forms: The forms in the order of their bytes, without two that are equal.
    ///   - sharedCounts: For each form, the number of bytes that it shares with the start of the form before it.
    ///   - layout: Where the tables are in `block`, which is zero throughout.
    static func build(
        _ forms: [KnownForm],
        sharedCounts: [Int],
        layout: AutomatonLayout,
        in block: UnsafeMutableRawBufferPointer
    ) {
        var builder = AutomatonBuilder(
            written: layout.mutableTables(in: block),
            tables: layout.tables(in: UnsafeRawBufferPointer(block))
        )
        builder.addNodes(for: forms, sharedCounts)
        builder.linkBranches()
        builder.linkFallbacks(sharedCounts)
    }

    /// Lays out the trie depth first, which is the order of the sorted forms' bytes.
    private mutating func addNodes(for forms: [KnownForm], _ sharedCounts: [Int]) {
        // The nodes of the last form, from the root on.
        var path = [UInt32](repeating: 0, count: 1 + (forms.map(\.bytes.count).max() ?? 0))
        var count: UInt32 = 1
        runs.reserveCapacity(forms.count)
        for number in forms.indices {
            let shared = sharedCounts[number]
            let isWholeWord = forms[number].isWholeWord
            let lead = isWholeWord ? Flag.leadsToWord : Flag.leadsToMatch
            let first = count
            forms[number].bytes.withUnsafeBytes { bytes in
                path.withUnsafeMutableBufferPointer { path in
                    for depth in 0...shared { written.nodes[Int(path[depth])].flags |= lead }
                    for position in shared..<bytes.count {
                        let node = written.nodes.baseAddress.unsafelyUnwrapped + Int(count)
                        node.pointee.byte = bytes[position]
                        node.pointee.depth = UInt32(truncatingIfNeeded: position + 1)
                        if position + 1 < bytes.count {
                            node.pointee.flags = lead
                            node.pointee.child = UInt16(bytes[position + 1]) + 1
                        }
                        path[position + 1] = count
                        count += 1
                    }
                }
            }
            runs.append(Run(parent: path[shared], nodes: first..<count))
            let last = count - 1
            written.ends[number] = last
            if isWholeWord {
                written.nodes[Int(last)].flags = Flag.isWord
            } else {
                written.nodes[Int(last)].match = last
            }
        }
    }

    /// Links the runs with what they go off from.
    private func linkBranches() {
        var branching: [Run] = []
        for run in runs {
            let first = run.nodes.lowerBound
            let byte = written.nodes[Int(first)].byte
            if run.parent == 0 {
                written.starts[Int(byte)] = first
            } else if run.parent + 1 == first {
                // Up to here that was the end of a form.
                written.nodes[Int(run.parent)].child = UInt16(byte) + 1
            } else {
                branching.append(run)
            }
        }
        branching.sort { ($0.parent, $0.nodes.lowerBound) < ($1.parent, $1.nodes.lowerBound) }
        var branchCount = 0
        var childrenEnd = 0
        for (index, run) in branching.enumerated() {
            if index == 0 || branching[index - 1].parent != run.parent {
                written.branches[branchCount] = Branch(first: UInt32(truncatingIfNeeded: childrenEnd))
                written.nodes[Int(run.parent)].child = Node.manyChildren
                written.nodes[Int(run.parent)].branch = UInt32(truncatingIfNeeded: branchCount)
                branchCount += 1
                insert(run.parent + 1, into: branchCount - 1, at: &childrenEnd)
            }
            insert(run.nodes.lowerBound, into: branchCount - 1, at: &childrenEnd)
        }
    }

    /// Adds a child to a branch. Siblings come in the order of their bytes.
    private func insert(_ child: UInt32, into branch: Int, at end: inout Int) {
        written.branches[branch].insert(written.nodes[Int(child)].byte)
        written.children[end] = child
        end += 1
    }

    /// Goes through the nodes by depth, as the fallback of a node is always less deep.
    private func linkFallbacks(_ sharedCounts: [Int]) {
        let order = runs.indices.sorted { sharedCounts[$0] < sharedCounts[$1] }
        // What is left of the runs that have begun.
        var begun: [Run] = []
        var next = 0
        var depth = 0
        while next < order.count || !begun.isEmpty {
            if begun.isEmpty { depth = sharedCounts[order[next]] }
            while next < order.count, sharedCounts[order[next]] == depth {
                begun.append(runs[order[next]])
                next += 1
            }
            depth += 1
            var keptCount = 0
            for index in begun.indices {
                let run = begun[index]
                let node = run.nodes.lowerBound
                linkFallback(of: node, below: run.parent)
                guard node + 1 < run.nodes.upperBound else { continue }
                begun[keptCount] = Run(parent: node, nodes: node + 1..<run.nodes.upperBound)
                keptCount += 1
            }
            begun.removeLast(begun.count - keptCount)
        }
    }

    @inline(__always)
    private func linkFallback(of node: UInt32, below parent: UInt32) {
        let nodes = written.nodes.baseAddress.unsafelyUnwrapped
        let current = nodes + Int(node)
        let fallback = parent == 0 ? 0 : tables.step(from: nodes[Int(parent)].fallback, current.pointee.byte)
        current.pointee.fallback = fallback
        var flags = current.pointee.flags
        if fallback != 0 {
            let inherited = nodes + Int(fallback)
            if current.pointee.match == 0 { current.pointee.match = inherited.pointee.match }
            let wordFits = inherited.pointee.has(Flag.isWord) && beginsWord(fallback, in: node)
            current.pointee.innerWord = wordFits ? fallback : inherited.pointee.innerWord
        }
        if current.pointee.match != 0 { flags |= Flag.endsMatch }
        if current.pointee.innerWord != 0 || flags & Flag.isWord != 0 { flags |= Flag.endsWord }
        current.pointee.flags = flags
        let above = nodes + Int(parent)
        let isQuiet = flags & Flag.endsMatch == 0 && !above.pointee.has(Flag.endsWord)
        if parent != 0, isQuiet, above.pointee.child != Node.manyChildren { above.pointee.flags |= Flag.hasQuietChild }
    }

    /// Whether, in the bytes of `node`, a boundary comes before their suffix `word`.
    private func beginsWord(_ word: UInt32, in node: UInt32) -> Bool {
        var ancestor = node
        for _ in 0..<tables.depth(of: word) { ancestor = parent(of: ancestor) }
        return !written.nodes[Int(ancestor)].byte.isAlphanumeric
    }

    private func parent(of node: UInt32) -> UInt32 {
        if tables.depth(of: node - 1) + 1 == tables.depth(of: node) { return node - 1 }
        // It is the first of its run.
        var range = runs.indices
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if runs[middle].nodes.lowerBound == node { return runs[middle].parent }
            range = runs[middle].nodes.lowerBound < node ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return 0
    }
}
