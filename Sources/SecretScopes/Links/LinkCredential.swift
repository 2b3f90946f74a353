/// Where the credential is read that a link shows to its vault. The credential itself is never stored with the link.
public enum LinkCredential: Sendable, Hashable, CustomStringConvertible {
    /// A secret of a native scope, read as the link's owner: `{{secrets/SCOPE/KEY}}`.
    case secret(scope: ScopeName, key: SecretName)
    /// An environment variable of the process that reads: `env:NAME`.
    case variable(String)
    /// A file of the machine that reads, by its absolute path: `file:PATH`.
    case file(String)

    /// Reads the text form; `nil` when it is none of the three.
    ///
    /// A scope's name may hold `/`, and so may a key's. The first `/` divides them here: a reference to a scope with `/`
    /// in its name has no text form.
    public init?(_ text: String) {
        if text.hasPrefix("env:") {
            let name = text.dropFirst(4)
            let isName = name.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || (0x30...0x39) ~= byte || (0x41...0x5A) ~= byte || (0x61...0x7A) ~= byte
            }
            guard !name.isEmpty, isName else { return nil }
            self = .variable(String(name))
        } else if text.hasPrefix("file:") {
            let path = text.dropFirst(5)
            guard path.hasPrefix("/"), path.count > 1, !path.utf8.contains(0) else { return nil }
            self = .file(String(path))
        } else if text.hasPrefix("{{secrets/"), text.hasSuffix("}}") {
            let parts = text.dropFirst(10).dropLast(2).split(separator: "/", maxSplits: 1)
            guard
                parts.count == 2, let scope = ScopeName(rawValue: String(parts[0])),
                let key = SecretName(rawValue: String(parts[1]))
            else { return nil }
            self = .secret(scope: scope, key: key)
        } else {
            return nil
        }
    }

    /// The text form.
    public var description: String {
        switch self {
        case .secret(let scope, let key): "{{secrets/\(scope)/\(key)}}"
        case .variable(let name): "env:\(name)"
        case .file(let path): "file:\(path)"
        }
    }
}
