import SecretCrypto
import SecretMemory

// The interface takes spans; with arrays and their literals the tests are easier to read.

extension RawSpan {
    /// A copy of the bytes.
    var array: [UInt8] {
        withUnsafeBytes { Array($0) }
    }
}

extension SecretBytes {
    /// A copy of the bytes.
    var array: [UInt8] {
        withBytes { $0.array }
    }

    convenience init(_ bytes: [UInt8], in pool: SecretPool) {
        self.init(copying: bytes.span.bytes, in: pool)
    }
}

extension SymmetricKey {
    convenience init(_ bytes: [UInt8], in pool: SecretPool) throws {
        try self.init(SecretBytes(bytes, in: pool))
    }
}

extension AESGCM {
    static func seal(_ plaintext: [UInt8], under key: SymmetricKey, additionalData: [UInt8]) throws -> [UInt8] {
        try seal(plaintext.span.bytes, under: key, additionalData: additionalData.span.bytes)
    }

    static func seal(
        _ plaintext: [UInt8], under key: SymmetricKey, additionalData: [UInt8], nonce: [UInt8]
    ) throws -> [UInt8] {
        try seal(
            plaintext.span.bytes, under: key, additionalData: additionalData.span.bytes, nonce: nonce.span.bytes
        )
    }

    static func open(
        _ sealed: [UInt8], under key: SymmetricKey, additionalData: [UInt8], in pool: SecretPool
    ) throws -> SecretBytes {
        try open(sealed.span.bytes, under: key, additionalData: additionalData.span.bytes, in: pool)
    }
}

extension SHA256 {
    static func hash(_ bytes: [UInt8]) -> Digest {
        hash(bytes.span.bytes)
    }
}

extension SHA256.Hasher {
    mutating func update(_ bytes: [UInt8]) {
        update(bytes.span.bytes)
    }
}

extension Digest {
    init?(bytes: [UInt8]) {
        self.init(bytes: bytes.span.bytes)
    }
}

extension HMACSHA256 {
    static func authenticate(_ message: [UInt8], under key: SymmetricKey) -> Digest {
        authenticate(message.span.bytes, under: key)
    }

    static func authenticate(_ message: [UInt8], underKeyOfAnyLength key: SecretBytes) -> Digest {
        authenticate(message.span.bytes, underKeyOfAnyLength: key)
    }

    static func isValid(_ code: Digest, for message: [UInt8], under key: SymmetricKey) -> Bool {
        isValid(code, for: message.span.bytes, under: key)
    }
}

extension MessageAuthenticator {
    func authenticate(_ message: [UInt8]) -> Digest {
        authenticate(message.span.bytes)
    }

    func isValid(_ code: Digest, for message: [UInt8]) -> Bool {
        isValid(code, for: message.span.bytes)
    }
}

extension Ed25519.SigningKey {
    func sign(_ message: [UInt8]) throws -> [UInt8] {
        try sign(message.span.bytes)
    }
}

extension Ed25519.VerificationKey {
    func isValidSignature(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        isValidSignature(signature.span.bytes, for: message.span.bytes)
    }
}
