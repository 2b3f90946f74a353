import CScanning

/// What there is in a text that looks like an encoding: see `cscanning_signs`.
struct SignScan {
    private var leads: [UInt32] = []
    private var leadCount = 0
    private var lists: [UInt64] = []
    private var stretches: [UInt32] = []
    private var stretchCount = 0
    private var count = 0

    /// Finds the signs in `text`.
    ///
    /// - Parameter shortestList: The fewest bytes of a list that matters, 7 or more.
    mutating func find(in text: UnsafeRawBufferPointer, shortestList: Int) {
        count = text.count
        leadCount = 0
        stretchCount = 0
        let wordCount = (count + 63) / 64
        if lists.count < wordCount {
            leads = [UInt32](repeating: 0, count: 64 * wordCount)
            lists = [UInt64](repeating: 0, count: wordCount)
            // There is none for every four bytes.
            stretches = [UInt32](repeating: 0, count: 16 * wordCount)
        }
        guard let bytes = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        leads.withUnsafeMutableBufferPointer { leads in
            lists.withUnsafeMutableBufferPointer { lists in
                stretches.withUnsafeMutableBufferPointer { stretches in
                    var signs = cscanning_signs(
                        leads: leads.baseAddress, lead_count: 0, lists: lists.baseAddress,
                        stretches: stretches.baseAddress, stretch_count: 0
                    )
                    cscanning_find_signs(bytes, count, shortestList >= 16 ? 16 : shortestList >= 8 ? 8 : 4, &signs)
                    leadCount = signs.lead_count
                    stretchCount = signs.stretch_count
                }
            }
        }
    }

    /// Calls `body` for each place where an escape or a line break in encoded text may begin.
    @inline(__always)
    func forEachLead(_ body: (Int) -> Void) {
        leads.withUnsafeBufferPointer { leads in
            for index in 0..<leadCount { body(Int(leads[index])) }
        }
    }

    /// Calls `body` for each longest stretch of list bytes that has at least `minimum` of them, as many as were asked for,
    /// or ends with the text.
    @inline(__always)
    func forEachListStretch(ofAtLeast minimum: Int, _ body: (Range<Int>) -> Void) {
        guard count > 0 else { return }
        var end = 0
        for index in 0..<stretchCount {
            let position = Int(stretches[index])
            let start = runStart(before: position, limit: end)
            end = runEnd(from: position)
            if end - start >= minimum || end == count { body(start..<end) }
        }
        guard end < count else { return }
        let start = runStart(before: count, limit: end)
        if start < count { body(start..<count) }
    }

    /// Where the bits begin that are set in a row before `position`, but not before `limit`.
    private func runStart(before position: Int, limit: Int) -> Int {
        guard position > limit else { return limit }
        var index = (position - 1) / 64
        var clear = ~lists[index] & ~0 >> UInt64(63 - (position - 1) % 64)
        while clear == 0, index > 0 {
            index -= 1
            clear = ~lists[index]
        }
        return max(64 * (index + 1) - clear.leadingZeroBitCount, limit)
    }

    /// Where the bits end that are set in a row from `start` on.
    private func runEnd(from start: Int) -> Int {
        var index = start / 64
        var clear = ~lists[index] & ~0 << UInt64(start % 64)
        while clear == 0, 64 * (index + 1) < count {
            index += 1
            clear = ~lists[index]
        }
        return 64 * index + clear.trailingZeroBitCount
    }
}
