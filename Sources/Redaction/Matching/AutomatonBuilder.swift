import SecretMemory

/// Writes the tables of an automaton.
struct AutomatonBuilder {
    private typealias Node = AutomatonTables.Node
    private typealias Branch = AutomatonTables.Branch
    private typealias Flag = AutomatonTables.Flag

    /// The forms in the order of their bytes, without two that are equal.
    private let forms: [KnownForm]
    /// For each form, the number of bytes that it shares with the start of the form before it.
    private let sharedCounts: [Int]
    private let written: MutableAutomatonTables
    /// The same memory, to be read the way that the finished automaton is.
    private let tables: AutomatonTables
    private let nodeCount: Int
    private var parents: [UInt32]

    static func build(
        _ forms: [KnownForm],
        sharedCounts: [Int],
        nodeCount: Int,
        layout: AutomatonLayout,
        in block: UnsafeMutableRawBufferPointer
    ) {
        var builder = AutomatonBuilder(
            forms: forms,
            sharedCounts: sharedCounts,
            written: layout.mutableTables(in: block),
            tables: layout.tables(in: UnsafeRawBufferPointer(block)),
            nodeCount: nodeCount,
            parents: [UInt32](repeating: 0, count: nodeCount)
        )
        builder.addNodes()
        builder.linkChildren()
        builder.linkFallbacks()
        builder.markQuietChildren()
    }

    /// Lays out the trie depth first, which is the order of the sorted forms' bytes.
    private mutating func addNodes() {
        var path: [UInt32] = [0]
        var count: UInt32 = 1
        for (number, (form, shared)) in zip(forms, sharedCounts).enumerated() {
            form.bytes.withUnsafeBytes { bytes in
                path.removeLast(path.count - 1 - shared)
                for position in shared..<bytes.count {
                    written.nodes[Int(count)].byte = bytes[position]
                    written.nodes[Int(count)].depth = UInt32(truncatingIfNeeded: position + 1)
                    parents[Int(count)] = path[position]
                    path.append(count)
                    count += 1
                }
                let lead = form.isWholeWord ? Flag.leadsToWord : Flag.leadsToMatch
                for position in 0..<bytes.count {
                    written.nodes[Int(path[position])].flags |= lead
                }
                let last = path[bytes.count]
                written.ends[number] = last
                if form.isWholeWord {
                    written.nodes[Int(last)].flags |= Flag.isWord
                } else {
                    written.nodes[Int(last)].match = last
                }
            }
        }
    }

    private func linkChildren() {
        var childCounts = [UInt16](repeating: 0, count: nodeCount)
        for parent in parents { childCounts[Int(parent)] += 1 }
        var branchCount: UInt32 = 0
        var childrenEnd: UInt32 = 0
        for node in 1..<nodeCount {
            let byte = written.nodes[node].byte
            let parent = Int(parents[node])
            if parent == 0 {
                written.starts[Int(byte)] = UInt32(truncatingIfNeeded: node)
            } else if childCounts[parent] == 1 {
                written.nodes[parent].child = UInt16(byte) + 1
            } else {
                if written.nodes[parent].child == Node.noChild {
                    written.nodes[parent].child = Node.manyChildren
                    written.nodes[parent].branch = branchCount
                    written.branches[Int(branchCount)] = Branch(first: childrenEnd)
                    branchCount += 1
                    childrenEnd += UInt32(childCounts[parent])
                }
                // Siblings come in the order of their bytes, so the place of this one will not change any more.
                let branch = Int(written.nodes[parent].branch)
                written.branches[branch].insert(byte)
                if let child = written.branches[branch].index(of: byte) {
                    written.children[child] = UInt32(truncatingIfNeeded: node)
                }
            }
        }
    }

    /// Goes through the nodes by depth, as the fallback of a node is always less deep.
    private func linkFallbacks() {
        for node in nodesByDepth() where node != 0 {
            let parent = Int(parents[Int(node)])
            let byte = written.nodes[Int(node)].byte
            let fallback = parent == 0 ? 0 : tables.step(from: written.nodes[parent].fallback, byte)
            let inherited = written.nodes[Int(fallback)]
            written.nodes[Int(node)].fallback = fallback
            if written.nodes[Int(node)].match == 0 {
                written.nodes[Int(node)].match = inherited.match
            }
            let wordFits = inherited.has(Flag.isWord) && beginsWord(fallback, in: node)
            written.nodes[Int(node)].innerWord = wordFits ? fallback : inherited.innerWord
            if written.nodes[Int(node)].match != 0 {
                written.nodes[Int(node)].flags |= Flag.endsMatch
            }
            if written.nodes[Int(node)].innerWord != 0 || written.nodes[Int(node)].has(Flag.isWord) {
                written.nodes[Int(node)].flags |= Flag.endsWord
            }
        }
    }

    private func markQuietChildren() {
        for node in 1..<nodeCount {
            let current = written.nodes[node]
            guard current.child != Node.noChild, current.child != Node.manyChildren else { continue }
            guard !current.has(Flag.endsWord), !written.nodes[node + 1].has(Flag.endsMatch) else { continue }
            written.nodes[node].flags |= Flag.hasQuietChild
        }
    }

    /// Whether, in the bytes of `node`, a boundary comes before their suffix `word`.
    private func beginsWord(_ word: UInt32, in node: UInt32) -> Bool {
        var ancestor = node
        for _ in 0..<tables.depth(of: word) { ancestor = parents[Int(ancestor)] }
        return !written.nodes[Int(ancestor)].byte.isAlphanumeric
    }

    private func nodesByDepth() -> [UInt32] {
        let longest = forms.map(\.bytes.count).max() ?? 0
        var ends = [Int](repeating: 0, count: longest + 2)
        for node in 0..<nodeCount { ends[Int(written.nodes[node].depth) + 1] += 1 }
        for depth in 1..<ends.count { ends[depth] += ends[depth - 1] }
        var ordered = [UInt32](repeating: 0, count: nodeCount)
        for node in 0..<nodeCount {
            let depth = Int(written.nodes[node].depth)
            ordered[ends[depth]] = UInt32(truncatingIfNeeded: node)
            ends[depth] += 1
        }
        return ordered
    }
}
