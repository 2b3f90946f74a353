import SecretMemory

/// Bytes that must not pass, and the condition under which they count.
struct KnownForm: Sendable {
    let bytes: SecretBytes
    /// Whether an occurrence counts only between bytes that are neither ASCII letters nor digits (or at an end of the
    /// stream).
    let isWholeWord: Bool

    /// The forms that are derived from a value, at the level `literal`.
    private static let derivations: [any DerivedForm.Type] = [LineForm.self, LineEndForm.self]
    /// Derived forms below this number of bytes, and those of values below it, count only as whole words.
    private static let freeCount = 8

    /// Every form in which `value` is known, itself first. A weak value has only itself; one that is too short, none.
    static func forms(of value: SecretBytes, strength: ValueStrength, in pool: SecretPool) -> [KnownForm] {
        switch strength {
        case .tooShort:
            return []
        case .weak:
            return [KnownForm(bytes: value, isWholeWord: true)]
        case .redacted:
            let derived = derivations.flatMap { $0.forms(of: value, in: pool) }
            return [KnownForm(bytes: value, isWholeWord: false)]
                + derived.compactMap { KnownForm(derived: $0, from: value) }
        }
    }

    private init(bytes: SecretBytes, isWholeWord: Bool) {
        self.bytes = bytes
        self.isWholeWord = isWholeWord
    }

    /// Nothing when `bytes` by themselves would be too short a value.
    private init?(derived bytes: SecretBytes, from value: SecretBytes) {
        let strength = ValueStrength(of: bytes)
        guard strength != .tooShort else { return nil }
        let isShort = value.count < Self.freeCount || bytes.count < Self.freeCount
        self.init(bytes: bytes, isWholeWord: isShort || strength == .weak)
    }

    /// Whether `first` comes before `second` in the order of their bytes; of equal bytes the form that counts
    /// everywhere comes first.
    static func areInIncreasingOrder(_ first: KnownForm, _ second: KnownForm) -> Bool {
        let shared = first.bytes.commonPrefixCount(with: second.bytes)
        if shared == first.bytes.count && shared == second.bytes.count {
            return !first.isWholeWord && second.isWholeWord
        }
        if shared == first.bytes.count || shared == second.bytes.count {
            return first.bytes.count < second.bytes.count
        }
        return first.bytes.withBytes { left in
            second.bytes.withBytes { right in left[byte: shared] < right[byte: shared] }
        }
    }
}

/// A rule that derives, from a value, other bytes by which it shows. One small type each, listed in
/// ``KnownForm/derivations``.
protocol DerivedForm: SendableMetatype {
    /// The derived bytes; none when the rule does not apply to `value`.
    static func forms(of value: SecretBytes, in pool: SecretPool) -> [SecretBytes]
}
