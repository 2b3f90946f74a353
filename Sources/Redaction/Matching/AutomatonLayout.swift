/// Where the tables of an automaton lie in its one block of memory.
struct AutomatonLayout {
    typealias Node = AutomatonTables.Node
    typealias Branch = AutomatonTables.Branch

    private let branches: Range<Int>
    private let nodes: Range<Int>
    private let children: Range<Int>
    private let starts: Range<Int>
    private let ends: Range<Int>

    var byteCount: Int { ends.upperBound }

    /// The layout for a trie of `nodeCount` nodes, the root among them, of `formCount` forms.
    init(nodeCount: Int, formCount: Int) {
        // In the order of their alignment. Each form can turn at most one only child into a branch of two children, or
        // add one child to a branch.
        branches = Self.table(of: Branch.self, count: formCount, after: 0..<0)
        nodes = Self.table(of: Node.self, count: nodeCount, after: branches)
        children = Self.table(of: UInt32.self, count: 2 * formCount, after: nodes)
        starts = Self.table(of: UInt32.self, count: 256, after: children)
        ends = Self.table(of: UInt32.self, count: formCount, after: starts)
    }

    /// The tables in a block that is complete.
    func tables(in block: UnsafeRawBufferPointer) -> AutomatonTables {
        AutomatonTables(
            nodes: UnsafeRawBufferPointer(rebasing: block[nodes]).assumingMemoryBound(to: Node.self),
            branches: UnsafeRawBufferPointer(rebasing: block[branches]).assumingMemoryBound(to: Branch.self),
            children: UnsafeRawBufferPointer(rebasing: block[children]).assumingMemoryBound(to: UInt32.self),
            starts: UnsafeRawBufferPointer(rebasing: block[starts]).assumingMemoryBound(to: UInt32.self),
            ends: UnsafeRawBufferPointer(rebasing: block[ends]).assumingMemoryBound(to: UInt32.self)
        )
    }

    /// The tables to be written, in a block of zeros.
    func mutableTables(in block: UnsafeMutableRawBufferPointer) -> MutableAutomatonTables {
        MutableAutomatonTables(
            nodes: UnsafeMutableRawBufferPointer(rebasing: block[nodes]).bindMemory(to: Node.self),
            branches: UnsafeMutableRawBufferPointer(rebasing: block[branches]).bindMemory(to: Branch.self),
            children: UnsafeMutableRawBufferPointer(rebasing: block[children]).bindMemory(to: UInt32.self),
            starts: UnsafeMutableRawBufferPointer(rebasing: block[starts]).bindMemory(to: UInt32.self),
            ends: UnsafeMutableRawBufferPointer(rebasing: block[ends]).bindMemory(to: UInt32.self)
        )
    }

    private static func table<Element>(of type: Element.Type, count: Int, after range: Range<Int>) -> Range<Int> {
        range.upperBound..<(range.upperBound + count * MemoryLayout<Element>.stride)
    }
}

/// The tables of an automaton while they are written.
struct MutableAutomatonTables {
    let nodes: UnsafeMutableBufferPointer<AutomatonTables.Node>
    let branches: UnsafeMutableBufferPointer<AutomatonTables.Branch>
    let children: UnsafeMutableBufferPointer<UInt32>
    let starts: UnsafeMutableBufferPointer<UInt32>
    let ends: UnsafeMutableBufferPointer<UInt32>
}
