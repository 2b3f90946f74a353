/// Checks of UTF-8 in place, so that a secret need not be copied into a `String` for it.
package enum UTF8Sequence {
    /// The length of the well-formed sequence that begins at `offset`, or 0 when there is none: a stray continuation,
    /// an overlong form, a surrogate, a scalar above U+10FFFF, or a sequence that is cut off.
    package static func length(in bytes: RawSpan, at offset: Int, end: Int) -> Int {
        let first = bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
        // The ranges of Unicode's table 3-7: only the second byte's range depends on the first byte.
        let (length, second): (Int, ClosedRange<UInt8>) =
            switch first {
            case 0x00...0x7F: (1, 0...0)
            case 0xC2...0xDF: (2, 0x80...0xBF)
            case 0xE0: (3, 0xA0...0xBF)
            case 0xE1...0xEC, 0xEE...0xEF: (3, 0x80...0xBF)
            case 0xED: (3, 0x80...0x9F)
            case 0xF0: (4, 0x90...0xBF)
            case 0xF1...0xF3: (4, 0x80...0xBF)
            case 0xF4: (4, 0x80...0x8F)
            default: (0, 0...0)
            }
        guard length > 1 else { return length }
        guard offset + length <= end else { return 0 }
        guard second.contains(bytes.unsafeLoad(fromByteOffset: offset + 1, as: UInt8.self)) else { return 0 }
        for position in (offset + 2)..<(offset + length) {
            guard bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self) & 0xC0 == 0x80 else { return 0 }
        }
        return length
    }

    /// Whether all of `bytes` is well-formed UTF-8.
    package static func isValid(_ bytes: RawSpan) -> Bool {
        var offset = 0
        while offset < bytes.byteCount {
            let length = length(in: bytes, at: offset, end: bytes.byteCount)
            guard length > 0 else { return false }
            offset += length
        }
        return true
    }
}
