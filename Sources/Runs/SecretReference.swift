public import SecretScopes

/// A reference to a secret in place of a value: `{{secrets/<scope>/<key>}}`, and nothing before or behind it.
///
/// Scope and key may contain `/`, so a reference can be read in more than one way.
public struct SecretReference: Sendable, Hashable, CustomStringConvertible {
    /// One way of reading a reference.
    public struct Candidate: Sendable, Hashable, CustomStringConvertible {
        /// The scope's name.
        public let scope: ScopeName
        /// The secret's name.
        public let key: SecretName

        /// Scope and key in words.
        public var description: String { "scope \(scope) and key \(key)" }
    }

    private static let prefix = "{{secrets/"
    private static let suffix = "}}"

    /// What stands between `{{secrets/` and `}}`.
    private let path: Substring

    /// Creates a reference, or `nil` when `text` is not one but a plain value.
    public init?(_ text: String) {
        guard
            text.hasPrefix(Self.prefix), text.hasSuffix(Self.suffix),
            text.utf8.count >= Self.prefix.utf8.count + Self.suffix.utf8.count
        else { return nil }
        self.path = text.dropFirst(Self.prefix.count).dropLast(Self.suffix.count)
    }

    /// Every way of reading it in which both names follow the grammar, the shortest scope first.
    public var candidates: [Candidate] {
        path.indices.filter { path[$0] == "/" }.compactMap { slash in
            guard
                let scope = ScopeName(rawValue: String(path[..<slash])),
                let key = SecretName(rawValue: String(path[path.index(after: slash)...]))
            else { return nil }
            return Candidate(scope: scope, key: key)
        }
    }

    /// The reference as it was written.
    public var description: String { Self.prefix + path + Self.suffix }
}
