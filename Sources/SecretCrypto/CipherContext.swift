import CLibcrypto

/// One run of AES-256-GCM: start, additional data, data, then the tag. OpenSSL zeroes the key's schedule at the end.
struct CipherContext: ~Copyable {
    enum Direction: Int32 {
        case open = 0
        case seal = 1
    }

    private let context: OpaquePointer

    init() throws(CryptoError) {
        guard let context = EVP_CIPHER_CTX_new() else { throw Self.failure() }
        self.context = context
    }

    deinit {
        EVP_CIPHER_CTX_free(context)
    }

    /// Sets key and nonce; the nonce has OpenSSL's default length for GCM, 12 bytes.
    func start(_ direction: Direction, under key: SymmetricKey, nonce: UnsafeRawBufferPointer) throws(CryptoError) {
        let cipher = try OpenSSL.aes256GCM.get()
        let status = key.withUnsafeBytes { key in
            EVP_CipherInit_ex2(context, cipher, Self.start(key), Self.start(nonce), direction.rawValue, nil)
        }
        try Self.check(status)
    }

    /// Binds the result to `data`.
    func authenticate(_ data: RawSpan) throws(CryptoError) {
        try data.withUnsafeBytes { data throws(CryptoError) in
            try update(nil, data)
        }
    }

    /// Encrypts or decrypts `input` into as many bytes of `output`.
    func process(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(CryptoError) {
        precondition(output.count >= input.count, "the target is too small")
        try update(output.bindMemory(to: UInt8.self).baseAddress, input)
    }

    /// Ends a sealing and writes the tag.
    func finish(tag: UnsafeMutableRawBufferPointer) throws(CryptoError) {
        guard complete() else { throw Self.failure() }
        try Self.check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), tag.baseAddress))
    }

    /// Ends an opening: whether the tag is the right one.
    func verify(tag: UnsafeRawBufferPointer) -> Bool {
        // OpenSSL copies the tag; its C declaration lacks a `const`.
        let start = UnsafeMutableRawPointer(mutating: tag.baseAddress)
        guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), start) == 1 else { return false }
        guard complete() else {
            // OpenSSL notes the wrong tag in a list that this thread's next caller would find.
            ERR_clear_error()
            return false
        }
        return true
    }

    private func complete() -> Bool {
        // GCM writes nothing at the end; the room is for a block, as the function's documentation asks for.
        var unused: (UInt64, UInt64) = (0, 0)
        var count: Int32 = 0
        return withUnsafeMutableBytes(of: &unused) { unused in
            EVP_CipherFinal_ex(context, unused.bindMemory(to: UInt8.self).baseAddress, &count) == 1
        }
    }

    private func update(_ output: UnsafeMutablePointer<UInt8>?, _ input: UnsafeRawBufferPointer) throws(CryptoError) {
        guard input.count > 0 else { return }
        guard let length = Int32(exactly: input.count) else {
            throw .malformedInput("AES-GCM takes less than 2 GiB at once")
        }
        var count: Int32 = 0
        try Self.check(EVP_CipherUpdate(context, output, &count, Self.start(input), length))
    }

    private static func start(_ bytes: UnsafeRawBufferPointer) -> UnsafePointer<UInt8>? {
        bytes.bindMemory(to: UInt8.self).baseAddress
    }

    private static func check(_ status: Int32) throws(CryptoError) {
        guard status == 1 else { throw failure() }
    }

    private static func failure() -> CryptoError {
        .unavailable("AES-256-GCM", reason: OpenSSL.takeReason())
    }
}
