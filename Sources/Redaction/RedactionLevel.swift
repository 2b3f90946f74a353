/// How far a ``Redactor`` goes in looking for a value.
///
/// Each level includes the ones before it. How each form is found is in `Forms/` for those that are derived from a value,
/// and in `Readings/` for those in which the input is read in one way or another.
public enum RedactionLevel: Int, Sendable, Hashable, CaseIterable, Comparable, CustomStringConvertible {
    /// The value's bytes, each of its lines of at least 8 bytes, and the value with its line ends converted. What
    /// Databricks does.
    case literal
    /// Also the value as programs write it without meaning to hide it: base64 and base32, alone or within a longer text,
    /// hex, lists of bytes in decimal or hex, UTF-16, percent-encoding, quoted-printable, the escapes of JSON, XML, HTML,
    /// Swift, Python and shells, with any share of the characters escaped, and in upper or lower case.
    case encoded
    /// Also the value reversed, in ROT13, with up to 8 bytes of separators between its characters, and every fragment of
    /// it of at least 8 bytes and half of its own. Costs a look at most of the input.
    case strict

    /// The level of that name, as ``description`` spells it.
    public init?(named name: String) {
        guard let level = Self.allCases.first(where: { $0.description == name }) else { return nil }
        self = level
    }

    /// `literal`, `encoded` or `strict`.
    public var description: String {
        switch self {
        case .literal: "literal"
        case .encoded: "encoded"
        case .strict: "strict"
        }
    }

    /// The most values that a redactor takes at this level and the ones after it together.
    public var maximumValueCount: Int {
        switch self {
        case .literal: 10_000
        case .encoded: 1_000
        case .strict: 100
        }
    }

    /// Whether `first` looks for fewer forms than `second`.
    public static func < (first: RedactionLevel, second: RedactionLevel) -> Bool {
        first.rawValue < second.rawValue
    }
}
