import CLibcrypto
public import SecretMemory

/// HKDF with SHA-256 (RFC 5869): keys for separate purposes out of one strong secret.
///
/// Not for passwords: see ``Scrypt``.
public enum HKDFSHA256 {
    /// The largest number of bytes that can be derived at once: 255 blocks of SHA-256.
    public static let maximumCount = 255 * Digest.byteCount

    /// The largest number of bytes of `info`: what OpenSSL documents to accept.
    public static let maximumInfoCount = 1024

    /// Derives `count` bytes, 1 to ``maximumCount``, that `info` sets apart from all others of the same secret.
    ///
    /// - Throws: ``CryptoError/Code/malformedInput`` when the secret is empty, `count` is out of range or `info` longer
    ///   than ``maximumInfoCount``, ``CryptoError/Code/unavailable``.
    public static func derive(
        from secret: SecretBytes,
        salt: [UInt8],
        info: [UInt8],
        count: Int,
        in pool: SecretPool
    ) throws(CryptoError) -> SecretBytes {
        guard secret.count > 0 else { throw .malformedInput("nothing can be derived from an empty secret") }
        guard (1...maximumCount).contains(count) else {
            throw .malformedInput("HKDF-SHA256 derives 1 to 8160 bytes")
        }
        guard info.count <= maximumInfoCount else { throw .malformedInput("HKDF-SHA256 takes 1024 bytes of info here") }
        guard let context = EVP_KDF_CTX_new(try OpenSSL.hkdf.get()) else {
            throw .unavailable("HKDF", reason: OpenSSL.takeReason())
        }
        defer { EVP_KDF_CTX_free(context) }
        return try SecretBytes(count: count, in: pool) { target throws(CryptoError) in
            let status = secret.withUnsafeBytes { secret in
                salt.withUnsafeBytes { salt in
                    info.withUnsafeBytes { info in
                        var parameters: [OSSL_PARAM] = [.text("digest", "SHA256"), .bytes("key", secret)]
                        if !salt.isEmpty { parameters.append(.bytes("salt", salt)) }
                        if !info.isEmpty { parameters.append(.bytes("info", info)) }
                        parameters.append(OSSL_PARAM_construct_end())
                        let start = target.bindMemory(to: UInt8.self).baseAddress
                        return EVP_KDF_derive(context, start, count, parameters)
                    }
                }
            }
            guard status == 1 else { throw .unavailable("HKDF", reason: OpenSSL.takeReason()) }
        }
    }

    /// Derives `count` bytes, 1 to ``maximumCount``, that `info` sets apart from all others of the same secret.
    public static func derive(
        from secret: SecretBytes,
        salt: [UInt8],
        info: String,
        count: Int,
        in pool: SecretPool
    ) throws(CryptoError) -> SecretBytes {
        try derive(from: secret, salt: salt, info: Array(info.utf8), count: count, in: pool)
    }

    /// Derives `count` bytes, 1 to ``maximumCount``, that `info` sets apart from all others of the same key.
    public static func derive(
        from key: SymmetricKey,
        salt: [UInt8],
        info: [UInt8],
        count: Int,
        in pool: SecretPool
    ) throws(CryptoError) -> SecretBytes {
        try derive(from: key.secretBytes, salt: salt, info: info, count: count, in: pool)
    }

    /// Derives `count` bytes, 1 to ``maximumCount``, that `info` sets apart from all others of the same key.
    public static func derive(
        from key: SymmetricKey,
        salt: [UInt8],
        info: String,
        count: Int,
        in pool: SecretPool
    ) throws(CryptoError) -> SecretBytes {
        try derive(from: key.secretBytes, salt: salt, info: Array(info.utf8), count: count, in: pool)
    }
}
