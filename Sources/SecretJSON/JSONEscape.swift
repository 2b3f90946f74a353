/// One escape sequence of a JSON string.
package struct JSONEscape {
    /// The character that it stands for.
    package let scalar: Unicode.Scalar
    /// Its length in bytes: 2, 6, or 12 for a pair of surrogates.
    package let length: Int

    /// Reads the escape sequence whose backslash is at `offset`; `nil` when it is wrong, cut off, or half of a
    /// surrogate pair.
    package init?(in bytes: RawSpan, at offset: Int, end: Int) {
        guard offset + 1 < end else { return nil }
        let letter = bytes.unsafeLoad(fromByteOffset: offset + 1, as: UInt8.self)
        guard letter == UInt8(ascii: "u") else {
            guard let byte = Self.byte(for: letter) else { return nil }
            self.scalar = Unicode.Scalar(byte)
            self.length = 2
            return
        }
        guard let first = Self.unit(in: bytes, at: offset, end: end) else { return nil }
        guard (0xD800...0xDBFF).contains(first) else {
            // A low surrogate alone is not a scalar, so this also refuses the wrong half.
            guard let scalar = Unicode.Scalar(first) else { return nil }
            self.scalar = scalar
            self.length = 6
            return
        }
        guard
            let second = Self.unit(in: bytes, at: offset + 6, end: end), (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { return nil }
        self.scalar = scalar
        self.length = 12
    }

    /// The UTF-16 unit that `\uXXXX` at `offset` stands for.
    private static func unit(in bytes: RawSpan, at offset: Int, end: Int) -> UInt32? {
        guard
            offset + 6 <= end,
            bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self) == UInt8(ascii: "\\"),
            bytes.unsafeLoad(fromByteOffset: offset + 1, as: UInt8.self) == UInt8(ascii: "u")
        else { return nil }
        var unit: UInt32 = 0
        for position in (offset + 2)..<(offset + 6) {
            let digit: UInt8
            switch bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self) {
            case let byte where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte):
                digit = byte - UInt8(ascii: "0")
            case let byte where (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte):
                digit = byte - UInt8(ascii: "a") + 10
            case let byte where (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte):
                digit = byte - UInt8(ascii: "A") + 10
            default:
                return nil
            }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }

    private static func byte(for letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }
}
