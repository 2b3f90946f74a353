import SecretMemory

/// Bytes that must not pass, and the conditions under which they count.
struct KnownForm: Sendable {
    /// The ways in which a form is looked for.
    struct Search: OptionSet {
        let rawValue: UInt8

        /// In the input as it is.
        static let plain = Search(rawValue: 1)
        /// In every ``Reading`` of the input.
        static let readings = Search(rawValue: 2)
        /// With anything between its characters that is neither letter nor digit.
        static let spaced = Search(rawValue: 4)
        /// In large pieces.
        static let fragments = Search(rawValue: 8)
    }

    let bytes: SecretBytes
    /// Whether an occurrence counts only between bytes that are neither ASCII letters nor digits (or at an end of the
    /// stream).
    let isWholeWord: Bool
    let search: Search
    /// What reports call it.
    let label: FormLabel

    /// Derived forms below this number of bytes count only as whole words.
    static let freeCount = 8
    /// The forms of higher levels are not derived from values above this number of bytes: 4 KiB.
    static let derivationLimit = 4096

    /// The forms that are derived from a value.
    private static let derivations: [any DerivedForm.Type] = [
        LineForm.self, LineEndForm.self, LowercaseForm.self, UppercaseForm.self, ReversedForm.self, ROT13Form.self,
        SpacedForm.self,
    ]

    /// Every form in which `value` is known at `level`, itself first, and those of its parts if it has a structure. A
    /// weak value has only itself; one that is too short, none.
    static func forms(
        of value: SecretBytes,
        label: FormLabel = FormLabel(secret: nil, name: FormLabel.literal),
        level: RedactionLevel,
        in pool: SecretPool
    ) -> [KnownForm] {
        let own = ownForms(of: value, label, level, in: pool)
        guard ValueStrength(of: value) == .redacted else { return own }
        return own
            + ValueStructures.parts(of: value, in: pool).flatMap { part in
                ownForms(of: part.bytes, label.with(part.name), level, in: pool)
            }
    }

    private static func ownForms(
        of value: SecretBytes,
        _ label: FormLabel,
        _ level: RedactionLevel,
        in pool: SecretPool
    ) -> [KnownForm] {
        switch ValueStrength(of: value) {
        case .tooShort:
            return []
        case .weak:
            return [KnownForm(bytes: value, isWholeWord: true, search: .plain, label: label)]
        case .redacted:
            var search: Search = level >= .encoded ? [.plain, .readings] : .plain
            if level >= .strict, value.count > freeCount, value.count <= derivationLimit { search.insert(.fragments) }
            let derived = derivations.flatMap { rule in
                let isTooLong = rule.level > .literal && value.count > derivationLimit
                return rule.level > level || isTooLong ? [] : forms(of: value, by: rule, label, level, in: pool)
            }
            return [KnownForm(bytes: value, isWholeWord: false, search: search, label: label)] + derived
        }
    }

    private static func forms(
        of value: SecretBytes,
        by rule: any DerivedForm.Type,
        _ label: FormLabel,
        _ level: RedactionLevel,
        in pool: SecretPool
    ) -> [KnownForm] {
        rule.forms(of: value, in: pool).compactMap { bytes in
            let strength = ValueStrength(of: bytes)
            // By itself it would be too short a value.
            guard strength != .tooShort else { return nil }
            var isWholeWord = bytes.count < freeCount || strength == .weak
            var search = rule.search
            if search == .spaced {
                // It is what is written that must have so many bytes. An everyday word would be found as it is.
                guard strength != .weak else { return nil }
                isWholeWord = false
            } else if isWholeWord || level < .encoded {
                search.remove(.readings)
            }
            return KnownForm(
                bytes: bytes,
                isWholeWord: isWholeWord,
                search: search,
                label: label.with(rule.name)
            )
        }
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
    /// The lowest level at which the rule holds.
    static var level: RedactionLevel { get }
    /// How what it derives is looked for.
    static var search: KnownForm.Search { get }

    /// The derived bytes; none when the rule does not apply to `value`.
    static func forms(of value: SecretBytes, in pool: SecretPool) -> [SecretBytes]
}
