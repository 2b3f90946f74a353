public import SecretScopes

/// Where the value of a secret comes from.
public enum ValueSource: Sendable, Hashable, CustomStringConvertible {
    /// `env:NAME`: the bytes of an environment variable.
    case environment(String)
    /// `file:PATH`: the bytes of a file, all of them, a line break at the end included. A relative path begins at the
    /// manifest's folder.
    case file(String)
    /// `generate`, `generate:LENGTH` or a mapping: made at random when the secret is not there, and then kept.
    case generated(GeneratedValue)
    /// `prompt`: typed by somebody at a terminal when the secret is not there, and then kept.
    case prompted
    /// `scope:SCOPE/KEY`: the value of another secret, in the workspace or in a manifest. The first `/` divides the two
    /// names.
    case secret(scope: ScopeName, key: SecretName)

    /// The words that the text forms begin with.
    static let kinds = ["env", "file", "generate", "prompt", "scope"]

    /// Reads the form that stands in manifests; `nil` when it is another.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let rest = parts.count == 2 ? String(parts[1]) : nil
        switch (parts[0], rest) {
        case ("env", let name?):
            guard Self.isVariable(name) else { return nil }
            self = .environment(name)
        case ("file", let path?):
            guard !path.isEmpty, !path.utf8.contains(0) else { return nil }
            self = .file(path)
        case ("generate", nil):
            self = .generated(GeneratedValue())
        case ("generate", let length?):
            guard let value = GeneratedValue(length: length) else { return nil }
            self = .generated(value)
        case ("prompt", nil):
            self = .prompted
        case ("scope", let path?):
            let names = path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard
                names.count == 2, let scope = ScopeName(rawValue: String(names[0])),
                let key = SecretName(rawValue: String(names[1]))
            else { return nil }
            self = .secret(scope: scope, key: key)
        default:
            return nil
        }
    }

    private static func isVariable(_ name: String) -> Bool {
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isName, let first = name.utf8.first else { return false }
        return !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
    }

    /// The text form that stands in manifests, with the alphabet of a generated value behind it.
    public var description: String {
        switch self {
        case .environment(let name): "env:\(name)"
        case .file(let path): "file:\(path)"
        case .generated(let value): value.description
        case .prompted: "prompt"
        case .secret(let scope, let key): "scope:\(scope)/\(key)"
        }
    }
}
