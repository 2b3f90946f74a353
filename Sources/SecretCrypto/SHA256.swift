import CLibcrypto

/// SHA-256 (FIPS 180-4).
public enum SHA256 {
    /// The number of bytes in a digest.
    public static let byteCount = Digest.byteCount

    /// The digest of `bytes`.
    public static func hash(_ bytes: RawSpan) -> Digest {
        let algorithm = OpenSSL.sha256.require()
        return Digest { target in
            bytes.withUnsafeBytes { bytes in
                requireSuccess(EVP_Digest(bytes.baseAddress, bytes.count, target, nil, algorithm, nil), "EVP_Digest")
            }
        }
    }

    /// Hashes a message that comes in parts, then the next one: with one hasher for many messages each costs less than
    /// with ``SHA256/hash(_:)``.
    ///
    /// ```swift
    /// var hasher = SHA256.Hasher()
    /// hasher.update(first.span.bytes)
    /// hasher.update(second.span.bytes)
    /// let digest = hasher.finalize()
    /// ```
    public struct Hasher: ~Copyable, @unchecked Sendable {
        // @unchecked: this is the only reference to the context, which OpenSSL ties to no thread.

        private let context: OpaquePointer

        /// Creates a hasher that has seen no bytes.
        public init() {
            guard let context = EVP_MD_CTX_new() else { fatalError("no memory left for a SHA-256 context") }
            self.context = context
            requireSuccess(EVP_DigestInit_ex2(context, OpenSSL.sha256.require(), nil), "EVP_DigestInit_ex2")
        }

        deinit {
            EVP_MD_CTX_free(context)
        }

        /// Appends `bytes` to the message.
        public mutating func update(_ bytes: RawSpan) {
            bytes.withUnsafeBytes { bytes in
                requireSuccess(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count), "EVP_DigestUpdate")
            }
        }

        /// The digest of the message. The next one begins empty.
        public mutating func finalize() -> Digest {
            let digest = Digest { target in
                requireSuccess(EVP_DigestFinal_ex(context, target, nil), "EVP_DigestFinal_ex")
            }
            requireSuccess(EVP_DigestInit_ex2(context, nil, nil), "EVP_DigestInit_ex2")
            return digest
        }
    }
}
