/// Base64 (RFC 4648, section 4, with padding), without a copy of the value left behind.
enum Base64Decoding {
    /// The decoded bytes, or `nil` when `text` is not base64: wrong length, characters outside the alphabet, padding
    /// in the middle, or bits set behind the last byte.
    static func decode(_ text: UnsafeRawBufferPointer) -> WipedBytes? {
        guard text.count % 4 == 0 else { return nil }
        var padding = 0
        while padding < min(2, text.count), text[text.count - 1 - padding] == UInt8(ascii: "=") {
            padding += 1
        }
        var decoded = WipedBytes(capacity: text.count / 4 * 3)
        var bits: UInt32 = 0
        for position in 0..<(text.count - padding) {
            guard let value = value(of: text[position]) else { return nil }
            bits = bits << 6 | UInt32(value)
            guard position % 4 == 3 else { continue }
            decoded.append(UInt8(truncatingIfNeeded: bits >> 16))
            decoded.append(UInt8(truncatingIfNeeded: bits >> 8))
            decoded.append(UInt8(truncatingIfNeeded: bits))
            bits = 0
        }
        switch padding {
        case 1:
            guard bits & 0x03 == 0 else { return nil }
            decoded.append(UInt8(truncatingIfNeeded: bits >> 10))
            decoded.append(UInt8(truncatingIfNeeded: bits >> 2))
        case 2:
            guard bits & 0x0F == 0 else { return nil }
            decoded.append(UInt8(truncatingIfNeeded: bits >> 4))
        default:
            break
        }
        return decoded
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
