public import SecretScopes

/// What a set of manifests asks for: principals, groups with their members, and scopes with their ACLs and with
/// references to where their values come from. It holds no value.
///
/// ```yaml
/// users: [ana@example.com]
/// service_principals: [nightly-report]
/// groups:
///   analysts:
///     members: [ana@example.com]
/// ---
/// scopes:
///   payments:
///     redaction: strict
///     acl:
///       analysts: READ
///     secrets:
///       api-key: env:PAYMENTS_API_KEY
///       certificate: file:certificates/payments.pem
///       session-key: {generate: {length: 64, alphabet: hexadecimal}}
///       api-key-of-old: scope:legacy/api-key
///   app:
///     link:
///       address: vault://vault.example.com:8200/secret/app
///       credential: "{{secrets/payments/vault-token}}"
///       options:
///         cache: 30s
/// ```
///
/// Every field may be left out, and the same fields may stand in several documents and files; a principal, a group or
/// a scope may be described once.
public struct Manifest: Sendable {
    /// Users, by user name.
    public var users: [Located<PrincipalName>] = []
    /// Service principals, by display name: their application ids are made up when they are created.
    public var servicePrincipals: [Located<PrincipalName>] = []
    /// Groups.
    public var groups: [GroupManifest] = []
    /// Scopes.
    public var scopes: [ScopeManifest] = []

    /// Creates a manifest that asks for nothing.
    public init() {}

    /// Whether it asks for nothing.
    public var isEmpty: Bool {
        users.isEmpty && servicePrincipals.isEmpty && groups.isEmpty && scopes.isEmpty
    }

    /// Whether it names any principal.
    var namesPrincipals: Bool {
        !users.isEmpty || !servicePrincipals.isEmpty || !groups.isEmpty || scopes.contains { !$0.acl.isEmpty }
    }

    mutating func append(_ other: Manifest) {
        users += other.users
        servicePrincipals += other.servicePrincipals
        groups += other.groups
        scopes += other.scopes
    }
}

/// A group that a manifest asks for.
public struct GroupManifest: Sendable {
    /// The group's name.
    public var name: Located<PrincipalName>
    /// The members that it must have: users and groups by name, service principals by display name or application id.
    /// It may have others.
    public var members: [Located<PrincipalName>]
}

/// A scope that a manifest asks for.
public struct ScopeManifest: Sendable {
    /// The scope's name.
    public var name: Located<ScopeName>
    /// The least redaction of its values; `nil` leaves it as it is.
    public var redaction: Located<MinimumRedaction>?
    /// The external vault that it must be linked to; `nil` leaves it as it is.
    public var link: LinkManifest?
    /// What must be granted. Other principals keep what they have, unless a plan prunes.
    public var acl: [GrantManifest]
    /// Whether there is the field `acl`, be it empty. A plan that prunes leaves the ACL alone without it.
    public var describesACL = false
    /// The secrets that it must hold. It may hold others, unless a plan prunes.
    public var secrets: [SecretManifest]
    /// Whether there is the field `secrets`, be it empty. A plan that prunes leaves the secrets alone without it.
    public var describesSecrets = false
}

/// A link to an external vault that a manifest asks for.
public struct LinkManifest: Sendable {
    /// The vault's address.
    public var address: Located<String>
    /// Where the link's credential is read: `{{secrets/SCOPE/KEY}}`, `env:NAME` or `file:PATH`.
    public var credential: String?
    /// Further options by name.
    public var options: [String: String] = [:]
}

/// An entry of an ACL that a manifest asks for.
public struct GrantManifest: Sendable {
    /// A user or a group by name, or a service principal by display name or application id.
    public var principal: Located<PrincipalName>
    /// What it is granted.
    public var permission: Permission
}

/// A secret that a manifest asks for.
public struct SecretManifest: Sendable {
    /// The secret's name.
    public var name: Located<SecretName>
    /// Where its value comes from.
    public var source: Located<ValueSource>
}
