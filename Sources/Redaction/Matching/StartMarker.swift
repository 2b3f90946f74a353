/// Takes down how forms begin, byte by byte, and calls for every four or five of them in a row.
struct StartMarker {
    /// The number of bytes of each beginning that matter.
    let limit: Int
    /// The number of bytes in a row for which it calls, 4 or 5.
    private let width: Int
    private let mark: (UInt64) -> Void
    private var count = 0
    /// The last bytes, the first of them lowest, and those that may stand in their places.
    private var gram: UInt64 = 0
    private var others: UInt64 = 0
    /// The fewest bytes that a form begins with before something else may come.
    private(set) var shortest = Int.max

    init(limit: Int, width: Int = StartFilter.gramSize, mark: @escaping (UInt64) -> Void) {
        self.limit = limit
        self.width = width
        self.mark = mark
    }

    /// Whether what follows does not matter.
    var isFull: Bool { count == limit }

    mutating func append(_ byte: UInt8, or other: UInt8? = nil) {
        guard !isFull else { return }
        let shift = UInt64(8 * (width - 1))
        gram = gram >> 8 | UInt64(byte) << shift
        others = others >> 8 | UInt64(other ?? byte) << shift
        count += 1
        if count >= width { markGrams(gram, from: 0) }
    }

    /// The beginning is complete.
    mutating func finishStart() {
        shortest = min(shortest, count)
        count = 0
    }

    /// Marks `gram`, and those in which, from the given place on, other bytes stand.
    private func markGrams(_ gram: UInt64, from place: Int) {
        guard place < width else { return mark(gram) }
        markGrams(gram, from: place + 1)
        let mask: UInt64 = 0xFF << UInt64(8 * place)
        let other = gram & ~mask | others & mask
        if other != gram { markGrams(other, from: place + 1) }
    }
}
