public import Redaction
public import SecretScopes

extension RedactionLevel {
    /// The level that a scope asks for at least.
    public init(atLeast minimum: MinimumRedaction) {
        switch minimum {
        case .literal: self = .literal
        case .encoded: self = .encoded
        case .strict: self = .strict
        }
    }
}
