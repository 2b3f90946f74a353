/// Hexadecimal text for digests, ids and signatures.
///
/// Not for secrets: it makes `String` and array copies that are not zeroed.
public enum Hexadecimal {
    /// Two lower-case digits for each byte.
    public static func encode(_ bytes: RawSpan) -> String {
        String(unsafeUninitializedCapacity: bytes.byteCount * 2) { text in
            for position in 0..<bytes.byteCount {
                let byte = bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
                text[2 * position] = digit(byte >> 4)
                text[2 * position + 1] = digit(byte & 0x0F)
            }
            return bytes.byteCount * 2
        }
    }

    /// Two lower-case digits for each byte.
    public static func encode(_ bytes: [UInt8]) -> String {
        encode(bytes.span.bytes)
    }

    /// The bytes that `text` stands for, in lower or upper case; `nil` when a digit is missing or another character
    /// than a digit stands in it.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 2)
        var high: UInt8?
        for character in text.utf8 {
            guard let value = value(of: character) else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? bytes : nil
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
