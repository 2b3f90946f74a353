/// The 32 bytes of a SHA-256 digest or an HMAC-SHA256 code, held inline.
public struct Digest: Hashable, Sendable {
    /// The number of bytes in a digest.
    public static let byteCount = 32

    // In memory these are the digest's bytes in their order, whatever the machine's byte order.
    private var words: (UInt64, UInt64, UInt64, UInt64)

    /// The digest whose bytes `bytes` holds, or `nil` when there are not 32.
    public init?(bytes: RawSpan) {
        guard bytes.byteCount == Self.byteCount else { return nil }
        self.words = (
            bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self),
            bytes.unsafeLoadUnaligned(fromByteOffset: 8, as: UInt64.self),
            bytes.unsafeLoadUnaligned(fromByteOffset: 16, as: UInt64.self),
            bytes.unsafeLoadUnaligned(fromByteOffset: 24, as: UInt64.self)
        )
    }

    /// The digest that `fill` writes into 32 zeroed bytes.
    @inline(__always)
    init<E: Error>(fill: (UnsafeMutablePointer<UInt8>) throws(E) -> Void) throws(E) {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        try withUnsafeMutableBytes(of: &words) { buffer throws(E) in
            // Never nil: the buffer has 32 bytes.
            guard let start = buffer.bindMemory(to: UInt8.self).baseAddress else { return }
            try fill(start)
        }
        self.words = words
    }

    /// A copy of the 32 bytes.
    public var bytes: [UInt8] {
        Swift.withUnsafeBytes(of: words) { [UInt8]($0) }
    }

    /// Lends the 32 bytes for the duration of `body`.
    public func withBytes<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try Swift.withUnsafeBytes(of: words) { buffer throws(E) in
            try body(RawSpan(_unsafeBytes: buffer))
        }
    }

    /// Whether both digests have the same bytes; the time does not tell where they differ.
    public static func == (left: Digest, right: Digest) -> Bool {
        (left.words.0 ^ right.words.0) | (left.words.1 ^ right.words.1)
            | (left.words.2 ^ right.words.2) | (left.words.3 ^ right.words.3) == 0
    }

    /// Feeds all 32 bytes.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}

extension Digest: CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public var description: String {
        withBytes { Hexadecimal.encode($0) }
    }
}
