internal import SecretJSON
internal import SecretMemory

/// Base64 with the alphabet for addresses and without padding (RFC 4648, 5; RFC 7515, 2).
enum Base64URL {
    /// Appends the encoding of `bytes`.
    static func encode(_ bytes: RawSpan, into buffer: inout SecretBuffer, pool: SecretPool) {
        Base64.encode(bytes, in: pool).withBytes { text in
            for position in 0..<text.byteCount {
                switch text.unsafeLoad(fromByteOffset: position, as: UInt8.self) {
                case UInt8(ascii: "+"): buffer.append(UInt8(ascii: "-"))
                case UInt8(ascii: "/"): buffer.append(UInt8(ascii: "_"))
                case UInt8(ascii: "="): return
                case let byte: buffer.append(byte)
                }
            }
        }
    }

    /// The encoding of `bytes`, which are no secret.
    static func encode(_ bytes: [UInt8], pool: SecretPool) -> String {
        var buffer = SecretBuffer(in: pool)
        encode(bytes.span.bytes, into: &buffer, pool: pool)
        return buffer.withBytes { $0.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
    }

    /// The bytes that a text stands for, with padding or without, in either alphabet; `nil` when it is none.
    static func decode(_ text: String, pool: SecretPool) -> [UInt8]? {
        var plain = text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        while plain.last == UInt8(ascii: "=") { plain.removeLast() }
        while plain.count % 4 != 0 { plain.append(UInt8(ascii: "=")) }
        return Base64.decode(plain.span.bytes, in: pool).map { $0.withBytes { $0.withUnsafeBytes { Array($0) } } }
    }
}
