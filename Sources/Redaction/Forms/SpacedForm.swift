import SecretMemory

/// A value without what may stand between its characters, so that it can be found with anything between them.
///
/// It is looked for in the ``SpacedReading`` of the input, which leaves the same bytes out.
enum SpacedForm: DerivedForm {
    static let name = "spaced"
    static let level = RedactionLevel.strict
    static let search = KnownForm.Search.spaced

    static func forms(of value: SecretBytes, in pool: SecretPool) -> [SecretBytes] {
        value.withBytes { bytes in
            var buffer = SecretBuffer(in: pool)
            var position = 0
            while position < bytes.byteCount {
                let skipped = SpacedReading.separatorCount(at: position, in: bytes)
                if skipped == 0 { buffer.append(bytes[byte: position]) }
                position += max(skipped, 1)
            }
            return buffer.count >= ValueStrength.minimumCount ? [buffer.finish()] : []
        }
    }
}
