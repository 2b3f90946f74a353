import SecretMemory

/// A value from its end to its start: byte by byte, and, where that differs, character by character.
enum ReversedForm: DerivedForm {
    static let name = "reversed"
    static let level = RedactionLevel.strict
    static let search = KnownForm.Search.plain

    static func forms(of value: SecretBytes, in pool: SecretPool) -> [SecretBytes] {
        value.withBytes { bytes in
            let byBytes = SecretBytes(count: bytes.byteCount, in: pool) { target in
                for position in 0..<bytes.byteCount {
                    target[bytes.byteCount - 1 - position] = bytes[byte: position]
                }
            }
            guard bytes.isValidUTF8, !bytes.allSatisfy({ $0 < 0x80 }) else { return [byBytes] }
            let byCharacters = SecretBytes(count: bytes.byteCount, in: pool) { target in
                var position = 0
                while let scalar = bytes.scalar(at: position) {
                    for offset in 0..<scalar.byteCount {
                        target[bytes.byteCount - position - scalar.byteCount + offset] =
                            bytes[byte: position + offset]
                    }
                    position += scalar.byteCount
                }
            }
            return [byBytes, byCharacters]
        }
    }
}
