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

    /// What was probably meant by `text`, which is no reference but looks like a misspelt one, or holds one beside other
    /// text; `nil` for a plain value.
    ///
    /// - Returns: The reference as it should be written.
    public static func intended(by text: String) -> String? {
        guard SecretReference(text) == nil, let reference = misspelt(text) else { return nil }
        return SecretReference(reference)?.candidates.isEmpty == false ? reference : nil
    }

    private static func misspelt(_ text: String) -> String? {
        if let start = text.firstRange(of: prefix), let end = text[start.upperBound...].firstRange(of: suffix) {
            return String(text[start.lowerBound..<end.upperBound])
        }
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" }
        let isOuter: (Character) -> Bool = { isBlank($0) || $0 == "{" || $0 == "}" || $0 == "$" }
        guard
            let first = text.first(where: { !isBlank($0) }), first == "{" || first == "$",
            let last = text.last(where: { !isBlank($0) }), last == "}",
            let end = text.lastIndex(where: { !isOuter($0) })
        else { return nil }
        let parts = text[...end].drop(while: isOuter).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        // Within two braces any word before two slashes is a mistake: no template language writes it.
        let isMeant = text.contains("{{") || ["secret", "secrets"].contains(parts[0].lowercased())
        guard isMeant, parts[0].allSatisfy(\.isLetter) else { return nil }
        return prefix + parts.dropFirst().joined(separator: "/") + suffix
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
