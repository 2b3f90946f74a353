/// How far a ``Redactor`` goes in looking for a value.
///
/// Each level includes the ones before it. **The further forms of ``encoded`` and ``strict`` are not built yet**: at
/// every level a redactor finds values as they are, and the levels differ only in how many values they take.
public enum RedactionLevel: Int, Sendable, Hashable, CaseIterable, Comparable, CustomStringConvertible {
    /// The value's bytes, its lines, and the value with its line ends converted. What Databricks does.
    case literal
    /// Also the value in the usual encodings: base64, hex, percent-encoding, escapes of programming languages…
    case encoded
    /// Also the value reversed, in ROT13, with separators between its characters, and large fragments of it.
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
