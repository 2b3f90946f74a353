/// The tables of an ``Automaton``, as they lie in its block of memory.
///
/// The nodes form a trie of all forms, in depth-first order: the only or first child of node `n` is `n + 1`. Node 0 is
/// the root, and 0 stands for "none" wherever a node is named.
struct AutomatonTables {
    struct Node {
        /// The node of the longest proper suffix of this node's bytes that is in the trie as well.
        var fallback: UInt32
        /// The number of bytes from the root to here.
        var depth: UInt32
        /// The node of the longest form that ends here, among those that count everywhere.
        var match: UInt32
        /// The node of the longest whole-word form that is a proper suffix of this node's bytes, and of which those
        /// bytes already tell that a word begins there.
        var innerWord: UInt32
        /// Where in ``AutomatonTables/branches`` the children are, if there is more than one.
        var branch: UInt32
        /// ``noChild``, ``manyChildren``, or the byte that leads to the only child, plus 1.
        var child: UInt16
        /// The byte that leads here.
        var byte: UInt8
        var flags: UInt8

        static let noChild: UInt16 = 0
        static let manyChildren: UInt16 = 0x1FF

        /// Whether any of the given ``Flag`` bits is set.
        @inline(__always)
        func has(_ flags: UInt8) -> Bool {
            self.flags & flags != 0
        }

        /// Whether `byte` leads to the next node, and there is nothing to record on the way.
        @inline(__always)
        func leadsQuietly(with byte: UInt8) -> Bool {
            child == UInt16(byte) + 1 && has(Flag.hasQuietChild)
        }
    }

    /// The bits of ``Node/flags``.
    enum Flag {
        /// A form that counts everywhere ends here: ``Node/match`` is set.
        static let endsMatch: UInt8 = 1
        /// A whole-word form, or the end of one, may end here, depending on the bytes around it.
        static let endsWord: UInt8 = 2
        /// The bytes from the root to here are a whole-word form.
        static let isWord: UInt8 = 4
        /// Some form that counts everywhere is longer than these bytes and starts with them.
        static let leadsToMatch: UInt8 = 8
        /// Some whole-word form is longer than these bytes and starts with them.
        static let leadsToWord: UInt8 = 16
        /// There is only one child; at it no match ends, and no word ends here.
        static let hasQuietChild: UInt8 = 32
    }

    /// The children of a node that has several.
    struct Branch {
        /// A bit for every byte that leads to a child.
        private var bits: InlineArray<4, UInt64>
        /// For each word of ``bits``, the number of bits in the words before.
        private var counts: InlineArray<4, UInt8>
        /// Where in ``AutomatonTables/children`` the children begin, in the order of their bytes.
        private var first: UInt32

        init(first: UInt32) {
            self.bits = InlineArray(repeating: 0)
            self.counts = InlineArray(repeating: 0)
            self.first = first
        }

        /// Where in ``AutomatonTables/children`` the child for `byte` is.
        @inline(__always)
        func index(of byte: UInt8) -> Int? {
            let word = Int(byte >> 6)
            let bit: UInt64 = 1 &<< UInt64(byte)
            guard bits[word] & bit != 0 else { return nil }
            return Int(first) + Int(counts[word]) + (bits[word] & (bit - 1)).nonzeroBitCount
        }

        mutating func insert(_ byte: UInt8) {
            let word = Int(byte >> 6)
            bits[word] |= 1 &<< UInt64(byte)
            for later in bits.indices where later > word { counts[later] += 1 }
        }
    }

    let nodes: UnsafeBufferPointer<Node>
    let branches: UnsafeBufferPointer<Branch>
    /// The nodes of all branches' children.
    let children: UnsafeBufferPointer<UInt32>
    /// The root's child for every byte.
    let starts: UnsafeBufferPointer<UInt32>
    /// The node of every form, which is in the order of the forms.
    let ends: UnsafeBufferPointer<UInt32>

    /// The node for the longest suffix of the bytes seen so far that may begin a form, after one more byte.
    @inline(__always)
    func step(from node: UInt32, _ byte: UInt8) -> UInt32 {
        var node = node
        while node != 0 {
            let current = nodes[Int(node)]
            if current.child == UInt16(byte) + 1 { return node + 1 }
            if current.child == Node.manyChildren, let child = branches[Int(current.branch)].index(of: byte) {
                return children[child]
            }
            node = current.fallback
        }
        return starts[Int(byte)]
    }
}
