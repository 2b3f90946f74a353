import SecretMemory

/// A value whose ASCII letters are replaced by those 13 places on in the alphabet.
enum ROT13Form: DerivedForm {
    static let name = "ROT13"
    static let level = RedactionLevel.strict
    static let search = KnownForm.Search.plain

    static func forms(of value: SecretBytes, in pool: SecretPool) -> [SecretBytes] {
        value.withBytes { bytes in
            // Without letters it would be the value itself.
            guard !bytes.allSatisfy({ !$0.isLetter }) else { return [] }
            let result = SecretBytes(count: bytes.byteCount, in: pool) { target in
                for position in 0..<bytes.byteCount { target[position] = rotated(bytes[byte: position]) }
            }
            return [result]
        }
    }

    private static func rotated(_ byte: UInt8) -> UInt8 {
        guard byte.isLetter else { return byte }
        let first = byte & 0xE0 + 1
        return (byte - first + 13) % 26 + first
    }
}
