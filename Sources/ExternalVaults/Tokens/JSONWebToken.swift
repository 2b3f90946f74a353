internal import SecretCrypto
internal import SecretJSON
internal import SecretMemory

/// A signed token (RFC 7519) by which the holder of a key says who it is. Until it ends it is as good as the key, so it is
/// kept like one.
enum JSONWebToken {
    /// The token with these claims.
    ///
    /// - Throws: ``VaultFailure`` with `credentialUnreadable` when the key cannot sign.
    static func sign(
        header: JSONWriter, claims: JSONWriter, key: RSASigningKey, padding: RSASigningKey.Padding, pool: SecretPool
    ) throws(VaultFailure) -> SecretBytes {
        var text = SecretBuffer(in: pool)
        Base64URL.encode(header.bytes.span.bytes, into: &text, pool: pool)
        text.append(UInt8(ascii: "."))
        Base64URL.encode(claims.bytes.span.bytes, into: &text, pool: pool)
        let signature: [UInt8]
        do {
            signature = try text.withBytes { bytes throws(CryptoError) in try key.sign(bytes, padding) }
        } catch {
            throw VaultFailure(.credentialUnreadable, detail: "the link's private key cannot sign: \(error)")
        }
        text.append(UInt8(ascii: "."))
        Base64URL.encode(signature.span.bytes, into: &text, pool: pool)
        return text.finish()
    }
}
