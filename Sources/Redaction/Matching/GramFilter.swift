/// Lets ordinary text pass without a look at every byte.
///
/// Every form has at least ``gramSize`` bytes. From each of its first ``stride`` positions the four bytes there, its
/// *grams*, are marked in a bitmap by a hash of them. If the gram at a position of the input is not marked, no form
/// begins there nor at any of the `stride - 1` positions before; so one look for every `stride` bytes is enough. The
/// longer the shortest form, the longer the stride.
struct GramFilter {
    static let gramSize = 4
    /// A stride beyond this would gain nothing more: memory is the limit then.
    static let longestStride = 16

    private let words: UnsafeBufferPointer<UInt64>
    private let shift: UInt32
    let stride: Int

    /// A filter over a bitmap of 2 to the power of `bitCountLog2` bits, at most 32.
    init(words: UnsafeBufferPointer<UInt64>, bitCountLog2: Int, stride: Int) {
        self.words = words
        self.shift = UInt32(32 - bitCountLog2)
        self.stride = stride
    }

    /// The stride that forms of `shortest` bytes and more allow.
    static func stride(forShortest shortest: Int) -> Int {
        min(shortest - gramSize + 1, longestStride)
    }

    /// The bitmap's size, so that about one bit in 64 is set; in very large sets of forms more, lest it outgrow the
    /// processor's caches.
    static func bitCountLog2(gramCount: Int) -> Int {
        let bits = max(gramCount, 16) * 64
        return min(Int.bitWidth - (bits - 1).leadingZeroBitCount, 22)
    }

    /// Marks the grams of a form in the bitmap that this filter reads.
    func mark(_ form: UnsafeRawBufferPointer, in words: UnsafeMutableBufferPointer<UInt64>) {
        for position in 0..<stride {
            let hash = hash(form.loadUnaligned(fromByteOffset: position, as: UInt32.self))
            words[Int(hash >> 6)] |= 1 &<< UInt64(hash)
        }
    }

    /// The first position from `start` on at which a form may begin, or from which on there are too few bytes to tell.
    @inline(__always)
    func firstPossibleStart(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        let last = bytes.count - stride - Self.gramSize + 1
        while position <= last {
            let gram = bytes.loadUnaligned(fromByteOffset: position + stride - 1, as: UInt32.self)
            let hash = hash(gram)
            if words[Int(hash >> 6)] &>> UInt64(hash) & 1 != 0 { break }
            position += stride
        }
        return position
    }

    @inline(__always)
    private func hash(_ gram: UInt32) -> UInt32 {
        // Knuth's multiplicative hash: the upper bits depend on every byte of the gram.
        (gram &* 0x9E37_79B1) &>> shift
    }
}
