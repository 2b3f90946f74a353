import SecretMemory

/// Bytes that must not pass, and the condition under which they count.
struct KnownForm: Sendable {
    let bytes: SecretBytes
    /// Whether an occurrence counts only between bytes that are neither ASCII letters nor digits (or at an end of the
    /// stream).
    let isWholeWord: Bool
    /// What reports call it.
    let label: FormLabel

    /// The forms that are derived from a value, at the level `literal`.
    private static let derivations: [any DerivedForm.Type] = [LineForm.self, LineEndForm.self]
    /// Derived forms below this number of bytes, and those of values below it, count only as whole words.
    private static let freeCount = 8

    /// Every form in which `value` is known, itself first. A weak value has only itself; one that is too short, none.
    static func forms(
        of value: SecretBytes,
        named name: String? = nil,
        strength: ValueStrength,
        in pool: SecretPool
    ) -> [KnownForm] {
        let literal = FormLabel(secret: name, name: "literal")
        switch strength {
        case .tooShort:
            return []
        case .weak:
            return [KnownForm(bytes: value, isWholeWord: true, label: literal)]
        case .redacted:
            let derived = derivations.flatMap { rule in
                let label = FormLabel(secret: name, name: rule.name)
                return rule.forms(of: value, in: pool).compactMap { KnownForm(derived: $0, from: value, label: label) }
            }
            return [KnownForm(bytes: value, isWholeWord: false, label: literal)] + derived
        }
    }

    private init(bytes: SecretBytes, isWholeWord: Bool, label: FormLabel) {
        self.bytes = bytes
        self.isWholeWord = isWholeWord
        self.label = label
    }

    /// Nothing when `bytes` by themselves would be too short a value.
    private init?(derived bytes: SecretBytes, from value: SecretBytes, label: FormLabel) {
        let strength = ValueStrength(of: bytes)
        guard strength != .tooShort else { return nil }
        let isShort = value.count < Self.freeCount || bytes.count < Self.freeCount
        self.init(bytes: bytes, isWholeWord: isShort || strength == .weak, label: label)
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
    /// What reports call it.
    static var name: String { get }
    /// The derived bytes; none when the rule does not apply to `value`.
    static func forms(of value: SecretBytes, in pool: SecretPool) -> [SecretBytes]
}
