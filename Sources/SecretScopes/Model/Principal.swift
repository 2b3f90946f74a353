/// The three kinds of principals. The raw values stand in the store and never change.
public enum PrincipalKind: UInt8, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// A person, named by a user name.
    case user = 1
    /// A set of principals, named by a display name; groups may contain groups.
    case group = 2
    /// A program, named by an application id.
    case servicePrincipal = 3

    /// The kind in words, as messages use it.
    public var description: String {
        switch self {
        case .user: "user"
        case .group: "group"
        case .servicePrincipal: "service principal"
        }
    }
}

/// A user, a group or a service principal.
public struct Principal: Sendable, Hashable {
    /// The identifier, never reused: one made again under the same name is another principal.
    public var id: PrincipalID
    /// The kind.
    public var kind: PrincipalKind
    /// The name in ACLs: user name, group display name or application id.
    public var name: String
    /// A name for people; the same as `name` except for service principals.
    public var displayName: String
    /// Whether the principal may do anything at all.
    public var isActive: Bool

    /// Creates the description of a principal.
    public init(id: PrincipalID, kind: PrincipalKind, name: String, displayName: String, isActive: Bool) {
        self.id = id
        self.kind = kind
        self.name = name
        self.displayName = displayName
        self.isActive = isActive
    }
}

extension ScopeError {
    /// The refusal of a name that no principal of that kind has. ACLs and commands know a service principal by its
    /// application id, not by its display name.
    package static func noPrincipal(_ kind: PrincipalKind, named name: String) -> ScopeError {
        let hint =
            kind == .servicePrincipal
            ? " Name it by its application id, which `hush service-principals list` shows." : ""
        return ScopeError(.resourceDoesNotExist, "There is no \(kind) \(name).\(hint)")
    }
}
