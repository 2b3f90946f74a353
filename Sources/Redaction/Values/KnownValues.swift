import SecretMemory

/// The values of a redactor and their forms.
struct KnownValues {
    private struct Value {
        let bytes: SecretBytes
        var level: RedactionLevel
    }

    /// The forms of all values, in the order in which they were added.
    private(set) var forms: [KnownForm] = []
    private(set) var valueCount = 0
    private var formByteCount = 0
    /// The number of values at each level.
    private var counts: [RedactionLevel: Int] = [:]
    /// The values by their hash, which Swift seeds anew in every process.
    private var values: [Int: [Value]] = [:]

    /// Adds a value whose forms at `level` are `added`. One that is known at that level, or at a higher one, changes
    /// nothing.
    mutating func add(
        _ value: SecretBytes,
        level: RedactionLevel,
        forms added: [KnownForm]
    ) throws(RedactionError) {
        let hash = Self.hash(of: value)
        let position = values[hash, default: []].firstIndex { $0.bytes.hasSameBytes(as: value) }
        let knownLevel = position.flatMap { values[hash]?[$0].level }
        if let knownLevel, knownLevel >= level { return }
        try makeRoom(at: level, above: knownLevel, forms: added)
        if let position, let knownLevel {
            values[hash]?[position].level = level
            counts[knownLevel, default: 0] -= 1
        } else {
            values[hash, default: []].append(Value(bytes: value, level: level))
            valueCount += 1
        }
        counts[level, default: 0] += 1
        forms += added
        formByteCount += added.reduce(0) { $0 + $1.bytes.count }
    }

    /// Throws when one more value at `level` that takes the forms `added`, and was known at `knownLevel`, is too much.
    private func makeRoom(
        at level: RedactionLevel,
        above knownLevel: RedactionLevel?,
        forms added: [KnownForm]
    ) throws(RedactionError) {
        for limit in RedactionLevel.allCases where limit <= level {
            // It is among those already.
            if let knownLevel, limit <= knownLevel { continue }
            let count = counts.reduce(0) { $0 + ($1.key >= limit ? $1.value : 0) }
            guard count < limit.maximumValueCount else {
                throw RedactionError(code: .tooManyValues, valueCount: count, level: limit)
            }
        }
        let byteCount = added.reduce(formByteCount) { $0 + $1.bytes.count }
        guard byteCount <= Redactor.maximumFormByteCount else {
            throw RedactionError(code: .tooManyBytes, valueCount: valueCount, level: level)
        }
    }

    private static func hash(of value: SecretBytes) -> Int {
        var hasher = Hasher()
        value.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }
}
