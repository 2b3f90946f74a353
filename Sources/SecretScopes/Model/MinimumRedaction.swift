/// How far whoever hands out a scope's values must go in keeping them out of output; more is always allowed. The raw
/// values stand in the store and never change.
///
/// The levels are those of `Redaction`, which the model knows nothing about.
public enum MinimumRedaction: UInt8, Sendable, Hashable, Comparable, CaseIterable, CustomStringConvertible {
    /// The values as they are: the least that there is, so a scope that says nothing.
    case literal = 1
    /// Also in the usual encodings.
    case encoded = 2
    /// Also reversed, spaced out, and in fragments.
    case strict = 3

    /// The level of that name, as ``description`` spells it.
    public init?(named name: String) {
        guard let level = Self.allCases.first(where: { $0.description == name }) else { return nil }
        self = level
    }

    /// Whether the second one redacts more.
    public static func < (one: MinimumRedaction, other: MinimumRedaction) -> Bool {
        one.rawValue < other.rawValue
    }

    /// `literal`, `encoded` or `strict`.
    public var description: String {
        switch self {
        case .literal: "literal"
        case .encoded: "encoded"
        case .strict: "strict"
        }
    }
}
