/// Where forms may begin in a text: blocks of a few bytes, and what is behind the last whole block.
struct FormStarts {
    /// The blocks of all kinds, and those of each.
    private var all: [UInt32] = []
    private var count = 0
    private var blocks = [[UInt32]](repeating: [], count: StartKind.allCases.count)
    /// The number of bytes of a block.
    private(set) var stride = 1
    /// From here to the end of the text there are too few bytes to tell.
    private(set) var undecided = 0

    /// The blocks of one kind, in order, by their starts.
    func blocks(of kind: StartKind) -> [UInt32] {
        blocks[kind.rawValue]
    }

    /// Begins with a new text, in which nothing is found yet.
    mutating func begin(blockCount: Int, stride: Int, end: Int) {
        if all.count < blockCount { all = [UInt32](repeating: 0, count: blockCount) }
        count = 0
        self.stride = stride
        undecided = min(blockCount * stride, end)
        for kind in blocks.indices { blocks[kind].removeAll(keepingCapacity: true) }
    }

    /// Lets `body` write the blocks of all kinds, and return their number.
    mutating func fill(_ body: (UnsafeMutablePointer<UInt32>) -> Int) {
        count = all.withUnsafeMutableBufferPointer { all in all.baseAddress.map(body) ?? 0 }
    }

    /// Takes those blocks for ones of `kind` of which `isMember` says so.
    @inline(__always)
    mutating func assign(_ kind: StartKind, _ isMember: (Int) -> Bool) {
        for index in 0..<count where isMember(Int(all[index])) { blocks[kind.rawValue].append(all[index]) }
    }
}

/// Goes through the places of a text where plain forms may begin.
struct PlainStarts {
    private let blocks: UnsafeBufferPointer<UInt32>
    private let stride: Int
    private let undecided: Int
    private var index = 0

    init(_ blocks: UnsafeBufferPointer<UInt32>, stride: Int, undecided: Int) {
        self.blocks = blocks
        self.stride = stride
        self.undecided = undecided
    }

    /// The first position from `position` on at which a form may begin, or from which on there are too few bytes to tell.
    /// Positions may go back by no more than the byte before.
    @inline(__always)
    mutating func next(from position: Int) -> Int {
        while index < blocks.count, Int(blocks[index]) + stride <= position { index += 1 }
        return max(position, index < blocks.count ? Int(blocks[index]) : undecided)
    }
}
