import SecretMemory

/// A value with all its letters in lower case.
enum LowercaseForm: DerivedForm {
    static let name = "lower-cased"
    static let level = RedactionLevel.encoded
    static let search = KnownForm.Search.plain

    static func forms(of value: SecretBytes, in pool: SecretPool) -> [SecretBytes] {
        CaseMapping.apply(to: value, in: pool, ascii: { $0.lowercased }, other: { $0.properties.lowercaseMapping })
    }
}

/// A value with all its letters in upper case.
enum UppercaseForm: DerivedForm {
    static let name = "upper-cased"
    static let level = RedactionLevel.encoded
    static let search = KnownForm.Search.plain

    static func forms(of value: SecretBytes, in pool: SecretPool) -> [SecretBytes] {
        CaseMapping.apply(to: value, in: pool, ascii: { $0.uppercased }, other: { $0.properties.uppercaseMapping })
    }
}

private enum CaseMapping {
    /// The value with its letters mapped: only those of ASCII, and, where that differs, all of them. Nothing that is
    /// the value itself.
    static func apply(
        to value: SecretBytes,
        in pool: SecretPool,
        ascii: (UInt8) -> UInt8,
        other: (Unicode.Scalar) -> String
    ) -> [SecretBytes] {
        value.withBytes { bytes in
            var forms: [SecretBytes] = []
            let mapped = SecretBytes(count: bytes.byteCount, in: pool) { target in
                for position in 0..<bytes.byteCount { target[position] = ascii(bytes[byte: position]) }
            }
            if !mapped.hasSameBytes(as: value) { forms.append(mapped) }
            guard bytes.isValidUTF8, !bytes.allSatisfy({ $0 < 0x80 }) else { return forms }
            var buffer = SecretBuffer(in: pool)
            var position = 0
            while let scalar = bytes.scalar(at: position) {
                // At most three characters at a time, which a string keeps within itself, leave secret memory.
                for byte in other(scalar.value).utf8 { buffer.append(byte) }
                position += scalar.byteCount
            }
            let full = buffer.finish()
            if !full.hasSameBytes(as: value), !full.hasSameBytes(as: mapped) { forms.append(full) }
            return forms
        }
    }
}
