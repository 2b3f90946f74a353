/// The grammar that scope and secret names share: 1 to 128 of `A-Z a-z 0-9 _ . @ / -`.
///
/// Source: the Databricks API text allows letters, digits, dashes, underscores and periods, Databricks on Azure adds
/// `@`, and its Terraform provider `/`; this is their union. Everything outside ASCII is refused, so no two names
/// can look alike without being alike.
private enum NameGrammar {
    static let longest = 128

    static func allows(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { bytes in
            guard (1...longest).contains(bytes.count) else { return false }
            return bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "@"),
                    UInt8(ascii: "/"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        }
    }
}

/// A name that keeps the case it was made with and is compared without it.
public protocol CaseInsensitiveName: RawRepresentable, Hashable, Sendable, CustomStringConvertible
where RawValue == String {
    /// The form by which the name is compared and found: ASCII lower case.
    var folded: String { get }
}

extension CaseInsensitiveName {
    /// Two names are equal when they differ only in case.
    public static func == (left: Self, right: Self) -> Bool {
        left.folded == right.folded
    }

    /// Hashes the folded form.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(folded)
    }

    /// The name as it was made.
    public var description: String { rawValue }
}

/// The name of a scope: 1 to 128 letters, digits and `_ . @ / -`, compared without case.
public struct ScopeName: CaseInsensitiveName {
    /// The name as it was given.
    public let rawValue: String
    /// The name in lower case.
    public let folded: String

    /// Creates a name, or `nil` when it breaks the grammar.
    public init?(rawValue: String) {
        guard NameGrammar.allows(rawValue) else { return nil }
        self.rawValue = rawValue
        self.folded = rawValue.lowercased()
    }
}

/// The name of a secret inside its scope (Databricks: its key): 1 to 128 letters, digits and `_ . @ / -`, compared
/// without case.
public struct SecretName: CaseInsensitiveName {
    /// The name as it was given.
    public let rawValue: String
    /// The name in lower case.
    public let folded: String

    /// Creates a name, or `nil` when it breaks the grammar.
    public init?(rawValue: String) {
        guard NameGrammar.allows(rawValue) else { return nil }
        self.rawValue = rawValue
        self.folded = rawValue.lowercased()
    }
}

/// The name of a user, a group or a service principal: 1 to 255 printable ASCII characters without `"` and `\`, not
/// beginning or ending with a space, compared without case.
///
/// Users go by their user name (an e-mail address as a rule), groups by their display name, service principals by
/// their application id; the three share one namespace.
public struct PrincipalName: CaseInsensitiveName {
    /// The name as it was given.
    public let rawValue: String
    /// The name in lower case.
    public let folded: String

    /// The group that everybody belongs to.
    public static let users = PrincipalName(reserved: "users")
    /// The group of those who may do everything.
    public static let administrators = PrincipalName(reserved: "admins")

    /// Creates a name, or `nil` when it breaks the grammar.
    public init?(rawValue: String) {
        let bytes = rawValue.utf8
        guard !bytes.isEmpty, bytes.count <= 255 else { return nil }
        guard bytes.first != UInt8(ascii: " "), bytes.last != UInt8(ascii: " ") else { return nil }
        let allowed = bytes.allSatisfy { byte in
            (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
        }
        guard allowed else { return nil }
        self.init(reserved: rawValue)
    }

    /// The name of a service principal, which is made here and not given by anybody.
    init(applicationID: String) {
        self.init(reserved: applicationID)
    }

    private init(reserved name: String) {
        self.rawValue = name
        self.folded = name.lowercased()
    }
}
