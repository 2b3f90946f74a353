import CLibcrypto
public import SecretMemory

/// Ed25519 signatures (RFC 8032, the pure variant).
public enum Ed25519 {
    /// The number of bytes in a seed.
    public static let seedByteCount = 32
    /// The number of bytes in a public key.
    public static let publicKeyByteCount = 32
    /// The number of bytes in a signature.
    public static let signatureByteCount = 64

    private static let algorithm: StaticString = "ED25519"

    /// A private key.
    ///
    /// Printing, dumping or reflecting an instance shows its type and nothing else.
    public final class SigningKey: Sendable {
        private let seed: SecretBytes
        /// The 32 bytes that verify this key's signatures.
        public let publicKey: [UInt8]

        /// Uses `seed` (RFC 8032's private key, 32 bytes).
        ///
        /// - Throws: ``CryptoError/Code/wrongKeySize``, ``CryptoError/Code/unavailable``.
        public init(seed: SecretBytes) throws(CryptoError) {
            guard seed.count == seedByteCount else {
                throw .wrongKeySize(of: "the Ed25519 seed", expected: seedByteCount, actual: seed.count)
            }
            self.seed = seed
            self.publicKey = try Handle(seed: seed).publicKey()
        }

        /// A new key from OpenSSL's generator for secret values.
        ///
        /// - Throws: ``CryptoError/Code/unavailable``.
        public static func random(in pool: SecretPool) throws(CryptoError) -> SigningKey {
            try SigningKey(seed: SecretBytes.randomSecret(count: seedByteCount, in: pool))
        }

        /// What verifies this key's signatures.
        public var verificationKey: VerificationKey {
            VerificationKey(derived: publicKey)
        }

        /// Lends the 32 bytes of the seed, which are all there is to store.
        public func withSeed<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
            try seed.withBytes(body)
        }

        /// The 64 bytes of the signature of `message`.
        ///
        /// - Throws: ``CryptoError/Code/unavailable``.
        public func sign(_ message: RawSpan) throws(CryptoError) -> [UInt8] {
            try Handle(seed: seed).sign(message)
        }
    }

    /// A public key.
    public struct VerificationKey: Sendable, Hashable {
        /// The 32 bytes of the key.
        public let bytes: [UInt8]

        /// Uses the 32 bytes of a public key.
        ///
        /// - Throws: ``CryptoError/Code/wrongKeySize``, ``CryptoError/Code/unavailable``.
        public init(bytes: RawSpan) throws(CryptoError) {
            try self.init(bytes: bytes.withUnsafeBytes { [UInt8]($0) })
        }

        /// Uses the 32 bytes of a public key.
        ///
        /// - Throws: ``CryptoError/Code/wrongKeySize``, ``CryptoError/Code/unavailable``.
        public init(bytes: [UInt8]) throws(CryptoError) {
            guard bytes.count == publicKeyByteCount else {
                throw .wrongKeySize(of: "the Ed25519 public key", expected: publicKeyByteCount, actual: bytes.count)
            }
            _ = try Handle(publicKey: bytes)
            self.bytes = bytes
        }

        init(derived bytes: [UInt8]) {
            self.bytes = bytes
        }

        /// Whether `signature` is that of `message` under this key; `false` too when it has not 64 bytes, or the key's
        /// bytes are no point of the curve.
        public func isValidSignature(_ signature: RawSpan, for message: RawSpan) -> Bool {
            guard signature.byteCount == signatureByteCount, let handle = try? Handle(publicKey: bytes) else {
                return false
            }
            return handle.verifies(signature, message)
        }
    }

    /// OpenSSL's object for a key. OpenSSL zeroes its copy of a private key at the end.
    private struct Handle: ~Copyable {
        private let key: OpaquePointer

        init(seed: SecretBytes) throws(CryptoError) {
            let key = seed.withUnsafeBytes { seed in
                EVP_PKEY_new_raw_private_key_ex(
                    nil, algorithm.cString, nil, seed.bindMemory(to: UInt8.self).baseAddress, seed.count
                )
            }
            try self.init(key)
        }

        init(publicKey: [UInt8]) throws(CryptoError) {
            try self.init(EVP_PKEY_new_raw_public_key_ex(nil, algorithm.cString, nil, publicKey, publicKey.count))
        }

        private init(_ key: OpaquePointer?) throws(CryptoError) {
            guard let key else { throw Ed25519.failure() }
            self.key = key
        }

        deinit {
            EVP_PKEY_free(key)
        }

        func publicKey() throws(CryptoError) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: publicKeyByteCount)
            var count = bytes.count
            guard EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1 else { throw Ed25519.failure() }
            return bytes
        }

        func sign(_ message: RawSpan) throws(CryptoError) -> [UInt8] {
            guard let context = EVP_MD_CTX_new() else { throw Ed25519.failure() }
            defer { EVP_MD_CTX_free(context) }
            var signature = [UInt8](repeating: 0, count: signatureByteCount)
            var count = signature.count
            guard EVP_DigestSignInit_ex(context, nil, nil, nil, nil, key, nil) == 1 else { throw Ed25519.failure() }
            let status = message.withUnsafeBytes { message in
                let start = message.bindMemory(to: UInt8.self).baseAddress
                return EVP_DigestSign(context, &signature, &count, start, message.count)
            }
            guard status == 1, count == signatureByteCount else { throw Ed25519.failure() }
            return signature
        }

        func verifies(_ signature: RawSpan, _ message: RawSpan) -> Bool {
            guard let context = EVP_MD_CTX_new() else { fatalError("no memory left for an Ed25519 context") }
            defer { EVP_MD_CTX_free(context) }
            guard EVP_DigestVerifyInit_ex(context, nil, nil, nil, nil, key, nil) == 1 else { return false }
            let status = signature.withUnsafeBytes { signature in
                message.withUnsafeBytes { message in
                    EVP_DigestVerify(
                        context,
                        signature.bindMemory(to: UInt8.self).baseAddress,
                        signature.count,
                        message.bindMemory(to: UInt8.self).baseAddress,
                        message.count
                    )
                }
            }
            if status != 1 { ERR_clear_error() }
            return status == 1
        }
    }

    private static func failure() -> CryptoError {
        .unavailable("Ed25519", reason: OpenSSL.takeReason())
    }
}

extension Ed25519.SigningKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The type's name; never the seed.
    public var description: String { "SigningKey" }
    /// The type's name; never the seed.
    public var debugDescription: String { "SigningKey" }
    /// A mirror without children, so that `dump` and reflection find nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
