import CScanning
import SecretMemory

/// A set of *grams*, four bytes in a row, as bits at places that are hashed from them. It may hold others as well.
struct GramBitmap {
    /// The number of bits.
    struct Size: Equatable {
        fileprivate let bitCountLog2: Int

        /// About one bit in 32 is set for so many grams, which keeps the bitmaps of hundreds of values in the processor's
        /// first cache; in very large sets more, lest they outgrow the second.
        init(gramCount: Int) {
            let bits = max(gramCount, 1024) * 32
            bitCountLog2 = min(Int.bitWidth - (bits - 1).leadingZeroBitCount, 21)
        }

        var byteCount: Int { (1 << bitCountLog2) / 8 }
        fileprivate var shift: UInt32 { UInt32(32 - bitCountLog2) }
    }

    // Knuth's multiplicative hash: the upper bits depend on every byte of the gram.
    private static let factor: UInt32 = 0x9E37_79B1
    private static let otherFactor: UInt32 = 0x85EB_CA77

    private let words: UnsafePointer<UInt32>
    private let shift: UInt32

    /// The bitmap with that number among those of one size in `block`.
    init(_ block: UnsafeRawBufferPointer, number: Int, size: Size) {
        let bytes = UnsafeRawBufferPointer(rebasing: block[(number * size.byteCount)...].prefix(size.byteCount))
        // A bitmap is never empty.
        words = bytes.assumingMemoryBound(to: UInt32.self).baseAddress.unsafelyUnwrapped
        shift = size.shift
    }

    /// Whether the set holds a gram.
    @inline(__always)
    func contains(_ gram: UInt32) -> Bool {
        isSet(Self.hash(gram, shift))
    }

    /// Whether the set, filled by the other hash, holds a gram.
    @inline(__always)
    func containsAgain(_ gram: UInt32) -> Bool {
        isSet(Self.otherHash(gram, shift))
    }

    /// Looks at the grams at the end of each of `count` blocks of `stride` bytes, and writes the blocks' starts to `found`
    /// at which they are in the set.
    func find(
        in bytes: UnsafeRawPointer,
        stride: Int,
        count: Int,
        found: UnsafeMutablePointer<UInt32>
    ) -> Int {
        var grams = cscanning_grams(bitmap: words, factor: Self.factor, shift: shift)
        return cscanning_find_grams(&grams, bytes.assumingMemoryBound(to: UInt8.self), stride, count, found)
    }

    @inline(__always)
    private func isSet(_ hash: UInt32) -> Bool {
        words[Int(hash >> 5)] &>> hash & 1 != 0
    }

    @inline(__always)
    fileprivate static func hash(_ gram: UInt32, _ shift: UInt32) -> UInt32 {
        // The shift binds tighter than the product.
        (gram.littleEndian &* factor) &>> shift
    }

    @inline(__always)
    fileprivate static func otherHash(_ gram: UInt32, _ shift: UInt32) -> UInt32 {
        ((gram.littleEndian ^ (gram.littleEndian &>> 15)) &* otherFactor) &>> shift
    }
}

/// A ``GramBitmap`` while it is filled.
struct MutableGramBitmap {
    private let words: UnsafeMutablePointer<UInt32>
    private let shift: UInt32

    /// The bitmap with that number among those of one size in `block`.
    init(_ block: UnsafeMutableRawBufferPointer, number: Int, size: GramBitmap.Size) {
        let bytes = UnsafeMutableRawBufferPointer(rebasing: block[(number * size.byteCount)...].prefix(size.byteCount))
        words = bytes.assumingMemoryBound(to: UInt32.self).baseAddress.unsafelyUnwrapped
        shift = size.shift
    }

    func insert(_ gram: UInt32) {
        set(GramBitmap.hash(gram, shift))
    }

    /// Inserts a gram by the other hash.
    func insertAgain(_ gram: UInt32) {
        set(GramBitmap.otherHash(gram, shift))
    }

    /// Inserts every gram of a form.
    func insertAll(of form: KnownForm) {
        form.bytes.withUnsafeBytes { bytes in
            for position in 0...(bytes.count - StartFilter.gramSize) {
                insert(bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
            }
        }
    }

    private func set(_ hash: UInt32) {
        words[Int(hash >> 5)] |= 1 &<< hash
    }
}
