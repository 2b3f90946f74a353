/// Bytes that must not leak: a value, a key, a token.
///
/// The bytes live in a ``SecretPool``, never change after creation, and are zeroed when the last reference goes. They
/// are handed out only as a borrowed span. Printing, interpolating, dumping, reflecting or logging an instance shows
/// its type and nothing else, not even its length.
///
/// ```swift
/// let pool = SecretPool()
/// let token = SecretBytes(copying: Array("example".utf8).span.bytes, in: pool)
/// let length = token.withBytes { $0.byteCount }
/// ```
public final class SecretBytes: @unchecked Sendable {
    // @unchecked: the block is written only inside the initialisers, before the reference is shared, and only read until
    // deinit, which runs when no other reference is left.

    /// The number of bytes.
    public let count: Int
    private let pool: SecretPool
    private let block: SecretPool.Block

    /// Creates `count` bytes and lets `fill` write them. Bytes that `fill` does not write are zero.
    public init<E: Error>(
        count: Int,
        in pool: SecretPool,
        fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        precondition(count >= 0, "a secret cannot have a negative number of bytes")
        self.count = count
        self.pool = pool
        self.block = pool.allocate(count)
        // Every property is set by now, so `deinit` gives the block back when `fill` throws.
        try withExtendedLifetime(self) { () throws(E) in
            try fill(UnsafeMutableRawBufferPointer(start: block.base, count: count))
        }
    }

    /// Copies `bytes`. Zeroing the original is up to the caller.
    public convenience init(copying bytes: RawSpan, in pool: SecretPool) {
        self.init(count: bytes.byteCount, in: pool) { target in
            bytes.withUnsafeBytes { target.copyMemory(from: $0) }
        }
    }

    deinit {
        pool.release(block)
    }

    /// Lends the bytes for the duration of `body`.
    public func withBytes<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        // The optimizer may otherwise release a temporary instance, and so zero the block, before `body` has run.
        try withExtendedLifetime(self) { () throws(E) in
            try body(RawSpan(_unsafeStart: block.base, byteCount: count))
        }
    }

    /// Lends the bytes to a C function for the duration of `body`; the pointer must not escape it.
    package func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try withExtendedLifetime(self) { () throws(E) in
            try body(UnsafeRawBufferPointer(start: block.base, count: count))
        }
    }

    /// A copy of the bytes in `range`, which must lie within `0..<count`.
    public func slice(_ range: Range<Int>) -> SecretBytes {
        withBytes { bytes in
            SecretBytes(copying: bytes.extracting(range), in: pool)
        }
    }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The type's name; never the bytes.
    public var description: String { "SecretBytes" }
    /// The type's name; never the bytes.
    public var debugDescription: String { "SecretBytes" }
    /// A mirror without children, so that `dump` and reflection find nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
