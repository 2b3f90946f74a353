import CLibcrypto
public import SecretMemory

/// AES-256-GCM (NIST SP 800-38D) with 96-bit nonces and 128-bit tags.
///
/// Sealed bytes are
///
///     nonce (12) || ciphertext (as long as the plaintext) || tag (16)
///
/// Nonces are random, so one key may seal 2^32 messages before the chance that two nonces are equal reaches the limit
/// of SP 800-38D, section 8.3.
public enum AESGCM {
    /// By how many bytes sealed bytes are longer than the plaintext.
    public static let overhead = nonceSize + tagSize

    static let nonceSize = 12
    static let tagSize = 16

    /// Encrypts `plaintext` under `key` and binds it to `additionalData`.
    ///
    /// - Throws: ``CryptoError/Code/unavailable`` when OpenSSL has no AES-GCM or no random bytes,
    ///   ``CryptoError/Code/malformedInput`` for 2 GiB or more.
    public static func seal(
        _ plaintext: RawSpan,
        under key: SymmetricKey,
        additionalData: RawSpan
    ) throws(CryptoError) -> [UInt8] {
        try seal(plaintext, under: key, additionalData: additionalData) { target throws(CryptoError) in
            guard RandomBytes.fill(target, from: .publicValues) else {
                throw .unavailable("random bytes", reason: OpenSSL.takeReason())
            }
        }
    }

    /// Seals with a given nonce, for published test vectors only: a nonce used twice under one key gives away both
    /// plaintexts and the key of the authentication.
    package static func seal(
        _ plaintext: RawSpan,
        under key: SymmetricKey,
        additionalData: RawSpan,
        nonce: RawSpan
    ) throws(CryptoError) -> [UInt8] {
        guard nonce.byteCount == nonceSize else {
            throw .wrongKeySize(of: "the nonce", expected: nonceSize, actual: nonce.byteCount)
        }
        return try seal(plaintext, under: key, additionalData: additionalData) { target in
            nonce.withUnsafeBytes { target.copyMemory(from: $0) }
        }
    }

    /// Decrypts what ``seal(_:under:additionalData:)`` made with the same key and additional data.
    ///
    /// - Throws: ``CryptoError/Code/authenticationFailed`` when anything differs or is missing,
    ///   ``CryptoError/Code/unavailable``, ``CryptoError/Code/malformedInput`` for 2 GiB or more.
    public static func open(
        _ sealed: RawSpan,
        under key: SymmetricKey,
        additionalData: RawSpan,
        in pool: SecretPool
    ) throws(CryptoError) -> SecretBytes {
        guard sealed.byteCount >= overhead else { throw .authenticationFailed }
        let count = sealed.byteCount - overhead
        let context = try CipherContext()
        // When the tag does not match, the plaintext is zeroed on the way out, before anyone has seen it.
        return try SecretBytes(count: count, in: pool) { target throws(CryptoError) in
            try sealed.withUnsafeBytes { sealed throws(CryptoError) in
                try context.start(.open, under: key, nonce: part(of: sealed, from: 0, count: nonceSize))
                try context.authenticate(additionalData)
                try context.process(part(of: sealed, from: nonceSize, count: count), into: target)
                let tag = part(of: sealed, from: nonceSize + count, count: tagSize)
                guard context.verify(tag: tag) else { throw .authenticationFailed }
            }
        }
    }

    private static func seal(
        _ plaintext: RawSpan,
        under key: SymmetricKey,
        additionalData: RawSpan,
        fillNonce: (UnsafeMutableRawBufferPointer) throws(CryptoError) -> Void
    ) throws(CryptoError) -> [UInt8] {
        let context = try CipherContext()
        var sealed = [UInt8](repeating: 0, count: plaintext.byteCount + overhead)
        try sealed.withUnsafeMutableBufferPointer { buffer throws(CryptoError) in
            let sealed = UnsafeMutableRawBufferPointer(buffer)
            let nonce = part(of: sealed, from: 0, count: nonceSize)
            try fillNonce(nonce)
            try context.start(.seal, under: key, nonce: UnsafeRawBufferPointer(nonce))
            try context.authenticate(additionalData)
            try plaintext.withUnsafeBytes { plaintext throws(CryptoError) in
                try context.process(plaintext, into: part(of: sealed, from: nonceSize, count: plaintext.count))
            }
            try context.finish(tag: part(of: sealed, from: nonceSize + plaintext.byteCount, count: tagSize))
        }
        return sealed
    }
}

private func part(
    of bytes: UnsafeRawBufferPointer, from offset: Int, count: Int
) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)])
}

private func part(
    of bytes: UnsafeMutableRawBufferPointer, from offset: Int, count: Int
) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<(offset + count)])
}
