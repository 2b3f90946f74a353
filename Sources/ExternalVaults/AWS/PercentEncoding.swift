internal import SecretJSON
internal import SecretMemory

/// Percent-encoding with the characters `A-Za-z0-9-_.~` left as they are (RFC 3986, 2.3).
enum PercentEncoding {
    /// The encoding of a text that is no secret.
    static func encode(_ text: some StringProtocol) -> String {
        var encoded: [UInt8] = []
        encode(Array(text.utf8).span.bytes, into: &encoded)
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Appends the encoding of `bytes`.
    static func encode<Sink: ByteSink & ~Copyable>(_ bytes: RawSpan, into sink: inout Sink) {
        for position in 0..<bytes.byteCount {
            let byte = bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                sink.append(byte)
            default:
                sink.append(UInt8(ascii: "%"))
                sink.append(digit(byte >> 4))
                sink.append(digit(byte & 0x0F))
            }
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
