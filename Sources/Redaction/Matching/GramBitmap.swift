import CScanning
import SecretMemory

/// A set of *grams*, four bytes in a row, as bits at places that are hashed from them. It may hold others as well.
///
/// A gram is a number, of which its first byte is the lowest.
struct GramBitmap {
    /// The number of bits.
    struct Size: Equatable {
        fileprivate let bitCountLog2: Int

        /// About one bit in `sparseness` is set for so many grams; in very large sets more, lest the bitmap outgrow the
        /// processor's second cache.
        init(gramCount: Int, sparseness: Int) {
            let bits = max(gramCount, 32) * sparseness
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

    /// The bitmap in `block`.
    init(_ block: UnsafeRawBufferPointer, size: Size) {
        // A bitmap is never empty.
        words = block.assumingMemoryBound(to: UInt32.self).baseAddress.unsafelyUnwrapped
        shift = size.shift
    }

    /// Whether the set holds a gram.
    @inline(__always)
    func contains(_ gram: UInt32) -> Bool {
        isSet(Self.hash(gram, shift))
    }

    /// Whether the set, filled by the other hash, holds a gram, of which the byte behind it may be part.
    @inline(__always)
    func containsAgain(_ gram: UInt64) -> Bool {
        isSet(Self.otherHash(gram, shift))
    }

    /// Looks at the grams at the end of each of `count` blocks of `stride` bytes, and writes the blocks' starts to `found`
    /// at which they are both in this set and in `other`, which is filled by the other hash from grams of `width` bytes.
    func find(
        in bytes: UnsafeRawPointer,
        stride: Int,
        count: Int,
        alsoIn other: GramBitmap,
        width: Int,
        found: UnsafeMutablePointer<UInt32>
    ) -> Int {
        var grams = cscanning_grams(
            bitmap: words, factor: Self.factor, shift: shift,
            other_bitmap: other.words, other_factor: Self.otherFactor, other_shift: other.shift,
            behind_mask: width > StartFilter.gramSize ? 0xFF : 0
        )
        return cscanning_find_grams(&grams, bytes.assumingMemoryBound(to: UInt8.self), stride, count, found)
    }

    @inline(__always)
    private func isSet(_ hash: UInt32) -> Bool {
        words[Int(hash >> 5)] &>> hash & 1 != 0
    }

    @inline(__always)
    fileprivate static func hash(_ gram: UInt32, _ shift: UInt32) -> UInt32 {
        // The shift binds tighter than the product.
        (gram &* factor) &>> shift
    }

    @inline(__always)
    fileprivate static func otherHash(_ gram: UInt64, _ shift: UInt32) -> UInt32 {
        let first = UInt32(truncatingIfNeeded: gram)
        let behind = UInt32(truncatingIfNeeded: gram &>> 32)
        return ((first ^ first &>> 15 ^ behind &<< 13) &* otherFactor) &>> shift
    }
}

/// A ``GramBitmap`` while it is filled.
struct MutableGramBitmap {
    private let words: UnsafeMutablePointer<UInt32>
    private let shift: UInt32

    /// The bitmap in `block`.
    init(_ block: UnsafeMutableRawBufferPointer, size: GramBitmap.Size) {
        words = block.assumingMemoryBound(to: UInt32.self).baseAddress.unsafelyUnwrapped
        shift = size.shift
    }

    func insert(_ gram: UInt32) {
        set(GramBitmap.hash(gram, shift))
    }

    /// Inserts a gram by the other hash, of which the byte behind it may be part.
    func insertAgain(_ gram: UInt64) {
        set(GramBitmap.otherHash(gram, shift))
    }

    /// Inserts every gram of a form.
    func insertAll(of form: KnownForm) {
        form.bytes.withUnsafeBytes { bytes in
            for position in 0...(bytes.count - StartFilter.gramSize) {
                insert(bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self).littleEndian)
            }
        }
    }

    private func set(_ hash: UInt32) {
        words[Int(hash >> 5)] |= 1 &<< hash
    }
}
