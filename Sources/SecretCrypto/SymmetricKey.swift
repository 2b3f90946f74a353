public import SecretMemory

/// A 256-bit key for ``AESGCM``, ``HMACSHA256`` and ``HKDFSHA256``.
///
/// Printing, dumping or reflecting an instance shows its type and nothing else.
public final class SymmetricKey: Sendable {
    /// The number of bytes in a key.
    public static let byteCount = 32

    let secretBytes: SecretBytes

    /// Uses `bytes`, of which there must be 32, as a key.
    ///
    /// - Throws: ``CryptoError/Code/wrongKeySize``.
    public init(_ bytes: SecretBytes) throws(CryptoError) {
        guard bytes.count == Self.byteCount else {
            throw .wrongKeySize(of: "the key", expected: Self.byteCount, actual: bytes.count)
        }
        self.secretBytes = bytes
    }

    private init(random bytes: SecretBytes) {
        self.secretBytes = bytes
    }

    /// A new key from OpenSSL's generator for secret values. The process ends when the system has no entropy.
    public static func random(in pool: SecretPool) -> SymmetricKey {
        SymmetricKey(random: SecretBytes.randomSecret(count: byteCount, in: pool))
    }

    /// Lends the key's 32 bytes for the duration of `body`.
    public func withBytes<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try secretBytes.withBytes(body)
    }

    /// Lends the key's 32 bytes to a C function for the duration of `body`; the pointer must not escape it.
    package func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try secretBytes.withUnsafeBytes(body)
    }
}

extension SymmetricKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The type's name; never the bytes.
    public var description: String { "SymmetricKey" }
    /// The type's name; never the bytes.
    public var debugDescription: String { "SymmetricKey" }
    /// A mirror without children, so that `dump` and reflection find nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
