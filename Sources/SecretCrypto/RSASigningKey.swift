import CLibcrypto
public import SecretMemory

/// A private RSA key that signs with SHA-256 (RFC 8017), as tokens need it (RFC 7518: RS256 and PS256).
///
/// Printing, dumping or reflecting an instance shows its type and nothing else.
public final class RSASigningKey: Sendable {
    /// How a digest is made into a number that can be signed.
    public enum Padding: Sendable, Hashable, CaseIterable {
        /// PKCS #1 version 1.5: `RS256`.
        case pkcs1
        /// PSS with MGF1 of SHA-256 and a random salt of 32 bytes: `PS256`.
        case pss
    }

    /// The least bits of a modulus: what NIST SP 800-131A allows, and what those accept who check our signatures.
    public static let minimumBitCount = 2048

    /// OpenSSL's names of the numbers, in the order of the key's form.
    private static let names: [StaticString] = [
        "n", "e", "d", "rsa-factor1", "rsa-factor2", "rsa-exponent1", "rsa-exponent2", "rsa-coefficient1",
    ]

    private let encoded: SecretBytes
    private let numbers: RSAKeyNumbers
    private let pool: SecretPool

    /// Uses the first private key of a PEM text: `PRIVATE KEY` (PKCS #8) or `RSA PRIVATE KEY` (PKCS #1), not encrypted.
    ///
    /// - Throws: ``CryptoError/Code/malformedInput`` when there is none, ``CryptoError/Code/wrongKeySize`` when it is too
    ///   short, ``CryptoError/Code/unavailable``.
    public init(pem: SecretBytes, in pool: SecretPool) throws(CryptoError) {
        let blocks = PEM.blocks(of: pem, in: pool)
        guard let block = blocks.first(where: { $0.label == "PRIVATE KEY" || $0.label == "RSA PRIVATE KEY" }) else {
            throw blocks.contains { $0.label == "ENCRYPTED PRIVATE KEY" }
                ? .malformedInput("the private key is encrypted; it must be given without a passphrase")
                : .malformedInput("there is no private key in PEM form")
        }
        guard let numbers = block.bytes.withBytes({ RSAKeyNumbers($0) }) else {
            throw .malformedInput("the private key is not an RSA key in the form of PKCS #8 or PKCS #1")
        }
        let bitCount = block.bytes.withBytes { numbers.bitCount(in: $0) }
        guard bitCount >= Self.minimumBitCount else {
            throw .wrongKeySize(
                of: "the RSA key's modulus", expected: Self.minimumBitCount / 8, actual: (bitCount + 7) / 8)
        }
        self.encoded = block.bytes
        self.numbers = numbers
        self.pool = pool
    }

    /// The signature of `message`.
    ///
    /// - Throws: ``CryptoError/Code/unavailable``, also when the key's numbers do not belong together.
    public func sign(_ message: RawSpan, _ padding: Padding) throws(CryptoError) -> [UInt8] {
        let key = try handle()
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { throw Self.failure() }
        defer { EVP_MD_CTX_free(context) }
        var parameters: [OSSL_PARAM] =
            switch padding {
            case .pkcs1: [.text("pad-mode", "pkcs1")]
            case .pss: [.text("pad-mode", "pss"), .text("saltlen", "digest")]
            }
        parameters.append(OSSL_PARAM_construct_end())
        guard EVP_DigestSignInit_ex(context, nil, "SHA256", nil, nil, key, parameters) == 1 else {
            throw Self.failure()
        }
        return try message.withUnsafeBytes { message throws(CryptoError) in
            let start = message.bindMemory(to: UInt8.self).baseAddress
            var count = 0
            guard EVP_DigestSign(context, nil, &count, start, message.count) == 1 else { throw Self.failure() }
            var signature = [UInt8](repeating: 0, count: count)
            guard EVP_DigestSign(context, &signature, &count, start, message.count) == 1 else { throw Self.failure() }
            return Array(signature.prefix(count))
        }
    }

    /// OpenSSL's object for the key, which zeroes its copy of it at the end.
    private func handle() throws(CryptoError) -> OpaquePointer {
        guard OpenSSL.isStarted, let context = EVP_PKEY_CTX_new_from_name(nil, "RSA", nil) else { throw Self.failure() }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_fromdata_init(context) == 1 else { throw Self.failure() }
        // OpenSSL takes numbers in the machine's byte order.
        let native = SecretBytes(count: numbers.ranges.reduce(0) { $0 + $1.count }, in: pool) { target in
            encoded.withBytes { bytes in
                var position = 0
                for range in numbers.ranges {
                    for offset in 0..<range.count {
                        let source = Self.isLittleEndian ? range.upperBound - 1 - offset : range.lowerBound + offset
                        target[position + offset] = bytes.unsafeLoad(fromByteOffset: source, as: UInt8.self)
                    }
                    position += range.count
                }
            }
        }
        var key: OpaquePointer?
        let status = native.withUnsafeBytes { bytes in
            var parameters: [OSSL_PARAM] = []
            var position = 0
            for (name, range) in zip(Self.names, numbers.ranges) {
                parameters.append(
                    .number(name, UnsafeRawBufferPointer(rebasing: bytes[position..<(position + range.count)])))
                position += range.count
            }
            parameters.append(OSSL_PARAM_construct_end())
            return EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR_SELECTION, &parameters)
        }
        guard status == 1, let key else { throw Self.failure() }
        return key
    }

    private static let isLittleEndian = 1.littleEndian == 1

    private static func failure() -> CryptoError {
        .unavailable("RSA signatures with this key", reason: OpenSSL.takeReason())
    }
}

extension RSASigningKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The type's name; never the key.
    public var description: String { "RSASigningKey" }
    /// The type's name; never the key.
    public var debugDescription: String { "RSASigningKey" }
    /// A mirror without children, so that `dump` and reflection find nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
