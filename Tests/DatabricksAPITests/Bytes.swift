import SecretMemory

extension String {
    /// The text as a secret.
    func secret(in pool: SecretPool) -> SecretBytes {
        SecretBytes(copying: Array(utf8).span.bytes, in: pool)
    }
}

extension SecretBytes {
    /// The bytes, for comparing them in a test.
    var bytes: [UInt8] {
        withBytes { bytes in (0..<bytes.byteCount).map { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) } }
    }
}
