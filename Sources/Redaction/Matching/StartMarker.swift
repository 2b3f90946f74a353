/// Takes down how forms begin, byte by byte, and calls for every four of them in a row.
struct StartMarker {
    /// The number of bytes of each beginning that matter.
    let limit: Int
    private let mark: (UInt32) -> Void
    private var count = 0
    /// The last four bytes, and those that may stand in their places.
    private var gram: UInt32 = 0
    private var others: UInt32 = 0
    /// The fewest bytes that a form begins with before something else may come.
    private(set) var shortest = Int.max

    init(limit: Int, mark: @escaping (UInt32) -> Void) {
        self.limit = limit
        self.mark = mark
    }

    /// Whether what follows does not matter.
    var isFull: Bool { count == limit }

    mutating func append(_ byte: UInt8, or other: UInt8? = nil) {
        guard !isFull else { return }
        gram = gram >> 8 | UInt32(byte) << 24
        others = others >> 8 | UInt32(other ?? byte) << 24
        count += 1
        if count >= StartFilter.gramSize { markGrams(gram, from: 0) }
    }

    /// The beginning is complete.
    mutating func finishStart() {
        shortest = min(shortest, count)
        count = 0
    }

    /// Marks `gram`, and those in which, from the given place on, other bytes stand.
    private func markGrams(_ gram: UInt32, from place: UInt32) {
        guard place < UInt32(StartFilter.gramSize) else { return mark(gram) }
        markGrams(gram, from: place + 1)
        let mask: UInt32 = 0xFF << (8 * place)
        let other = gram & ~mask | others & mask
        if other != gram { markGrams(other, from: place + 1) }
    }
}
