import SecretMemory

/// The values of a redactor and their forms.
struct KnownValues {
    /// The forms of all values, in the order in which they were added.
    private(set) var forms: [KnownForm] = []
    private(set) var valueCount = 0
    private var formByteCount = 0
    /// The values by their hash, which Swift seeds anew in every process.
    private var values: [Int: [SecretBytes]] = [:]

    mutating func add(_ value: SecretBytes, forms added: [KnownForm]) throws(RedactionError) {
        let hash = Self.hash(of: value)
        let isKnown = values[hash, default: []].contains { $0.hasSameBytes(as: value) }
        guard !isKnown else { return }
        guard valueCount < Redactor.maximumValueCount else {
            throw RedactionError(code: .tooManyValues, valueCount: valueCount)
        }
        let byteCount = added.reduce(formByteCount) { $0 + $1.bytes.count }
        guard byteCount <= Redactor.maximumFormByteCount else {
            throw RedactionError(code: .tooManyBytes, valueCount: valueCount)
        }
        values[hash, default: []].append(value)
        forms += added
        valueCount += 1
        formByteCount = byteCount
    }

    private static func hash(of value: SecretBytes) -> Int {
        var hasher = Hasher()
        value.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }
}
