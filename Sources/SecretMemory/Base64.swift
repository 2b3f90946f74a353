/// Base64 (RFC 4648, section 4, with padding) between spans, so that no copy of a secret is left behind.
///
/// Which way the code takes and which memory it reads depend on lengths and padding alone, never on a value's bytes: a
/// lookup table would leave traces of the secret in the processor's caches.
public enum Base64 {
    /// The number of characters that `count` bytes encode to.
    public static func encodedCount(_ count: Int) -> Int {
        (count + 2) / 3 * 4
    }

    /// Writes the encoding of `bytes` to the start of `target`, which must have room for `encodedCount`.
    public static func encode(_ bytes: RawSpan, into target: UnsafeMutableRawBufferPointer) {
        let count = encodedCount(bytes.byteCount)
        precondition(target.count >= count, "the target is too small for the encoding")
        let significant = (bytes.byteCount * 8 + 5) / 6
        var out = 0
        for position in stride(from: 0, to: bytes.byteCount, by: 6) {
            let group = load(bytes, position, min(6, bytes.byteCount - position), filler: 0) >> 16
            store(characters(for: group), into: target, out, min(8, significant - out))
            out += 8
        }
        for position in significant..<count {
            target[position] = padding
        }
    }

    /// The encoding of `bytes` as a secret.
    public static func encode(_ bytes: RawSpan, in pool: SecretPool) -> SecretBytes {
        SecretBytes(count: encodedCount(bytes.byteCount), in: pool) { encode(bytes, into: $0) }
    }

    /// Decodes `text`, or returns `nil` when it is not base64: wrong length, characters outside the alphabet (line
    /// breaks and spaces too), padding in the middle, or bits set behind the last byte.
    public static func decode(_ text: RawSpan, in pool: SecretPool) -> SecretBytes? {
        guard text.byteCount % 4 == 0 else { return nil }
        let significant = text.byteCount - paddingCount(of: text)
        let count = significant * 6 / 8
        // Ones stand for what is wrong; looked at once, at the end.
        var wrong: UInt64 = 0
        let decoded = SecretBytes(count: count, in: pool) { target in
            var out = 0
            for position in stride(from: 0, to: significant, by: 8) {
                let characters = load(text, position, min(8, significant - position), filler: zeroCharacter)
                let group = group(for: characters, &wrong) << 16
                let length = min(6, count - out)
                store(group, into: target, out, length)
                // Bits behind the last byte must be zero, or several texts would decode to the same bytes.
                wrong |= group << (8 * length)
                out += length
            }
        }
        return wrong == 0 ? decoded : nil
    }

    private static let padding = UInt8(ascii: "=")
    /// The character whose value is zero.
    private static let zeroCharacter = UInt8(ascii: "A")

    private static func paddingCount(of text: RawSpan) -> Int {
        var count = 0
        while count < min(2, text.byteCount),
            text.unsafeLoad(fromByteOffset: text.byteCount - 1 - count, as: UInt8.self) == padding
        {
            count += 1
        }
        return count
    }
}

// Eight characters are worked on at a time, one in each byte of a word; the first is in the most significant byte. All
// arithmetic on them is exact for each byte, so that none carries into its neighbour.
extension Base64 {
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    /// One in each byte that is at least `threshold`, else zero. All bytes, and the threshold, must be below 128.
    @inline(__always)
    private static func isAtLeast(_ threshold: UInt64, _ bytes: UInt64) -> UInt64 {
        ((bytes &+ (128 - threshold) &* ones) >> 7) & ones
    }

    /// The eight characters for 48 bits.
    private static func characters(for group: UInt64) -> UInt64 {
        var values = (group & 0xFFFF_FF00_0000) << 8 | group & 0xFF_FFFF
        values = (values & 0x00FF_F000_00FF_F000) << 4 | values & 0x0000_0FFF_0000_0FFF
        values = (values & 0x0FC0_0FC0_0FC0_0FC0) << 2 | values & 0x003F_003F_003F_003F
        // From the end of one range of the alphabet to the start of the next: Z to a, z to 0, 9 to +, + to /.
        return values &+ UInt64(zeroCharacter) &* ones
            &+ 6 &* isAtLeast(26, values) &- 75 &* isAtLeast(52, values)
            &- 15 &* isAtLeast(62, values) &+ 3 &* isAtLeast(63, values)
    }

    /// The 48 bits that eight characters stand for; sets bits in `wrong` when one is not in the alphabet.
    private static func group(for characters: UInt64, _ wrong: inout UInt64) -> UInt64 {
        wrong |= characters & (ones << 7)
        let isInAlphabet =
            (isAtLeast(43, characters) &- isAtLeast(44, characters))  // +
            &+ (isAtLeast(47, characters) &- isAtLeast(58, characters))  // / and 0 to 9
            &+ (isAtLeast(65, characters) &- isAtLeast(91, characters))  // A to Z
            &+ (isAtLeast(97, characters) &- isAtLeast(123, characters))  // a to z
        wrong |= isInAlphabet ^ ones
        // 62 for +, then the jumps at /, 0, A and a.
        var values =
            characters &+ 19 &* ones &- 3 &* isAtLeast(47, characters) &- 12 &* isAtLeast(48, characters)
            &- 69 &* isAtLeast(65, characters) &- 6 &* isAtLeast(97, characters)
        values = (values >> 2) & 0x0FC0_0FC0_0FC0_0FC0 | values & 0x003F_003F_003F_003F
        values = (values >> 4) & 0x00FF_F000_00FF_F000 | values & 0x0000_0FFF_0000_0FFF
        return (values >> 8) & 0xFFFF_FF00_0000 | values & 0xFF_FFFF
    }

    /// `count` bytes at `offset`, the first in the most significant byte, then `filler` up to eight.
    @inline(__always)
    private static func load(_ bytes: RawSpan, _ offset: Int, _ count: Int, filler: UInt8) -> UInt64 {
        if count == 8 {
            return UInt64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        var word: UInt64 = 0
        for position in 0..<8 {
            let byte = position < count ? bytes.unsafeLoad(fromByteOffset: offset + position, as: UInt8.self) : filler
            word = word << 8 | UInt64(byte)
        }
        return word
    }

    /// Stores the `count` most significant bytes of `word` at `offset`.
    @inline(__always)
    private static func store(
        _ word: UInt64, into target: UnsafeMutableRawBufferPointer, _ offset: Int, _ count: Int
    ) {
        switch count {
        case 8:
            target.storeBytes(of: word.bigEndian, toByteOffset: offset, as: UInt64.self)
        case 6:
            target.storeBytes(of: UInt32(word >> 32).bigEndian, toByteOffset: offset, as: UInt32.self)
            let rest = UInt16(truncatingIfNeeded: word >> 16)
            target.storeBytes(of: rest.bigEndian, toByteOffset: offset + 4, as: UInt16.self)
        default:
            for position in 0..<count {
                target[offset + position] = UInt8(truncatingIfNeeded: word >> (56 - 8 * position))
            }
        }
    }
}
