public import SecretMemory

/// Users, groups, service principals and tokens, on behalf of one caller.
///
/// All but ``currentPrincipal()`` need an administrator, and tokens of one's own, which everybody may make and revoke.
/// The workspace's local administrator always stays an active member of `admins`, directly or through groups: what would
/// change that is refused, so that a workspace is never without an administrator. Every call leaves one audit event,
/// granted or refused. Every method throws ``ScopeError``.
public protocol IdentityService: Sendable {
    /// Who the caller is.
    func currentPrincipal() async throws -> Principal
    /// Creates a principal. A service principal gets `name` as display name and a random application id.
    func createPrincipal(kind: PrincipalKind, name: String) async throws -> Principal
    /// Deletes a principal with its grants, memberships and tokens. One that is made again under the same name is
    /// another principal and inherits nothing. `users` and `admins` cannot be deleted.
    func deletePrincipal(kind: PrincipalKind, name: String) async throws
    /// Makes a user or a service principal inactive, so that its very next call is refused, or active again. It keeps
    /// its grants, memberships and tokens.
    func setActive(_ isActive: Bool, kind: PrincipalKind, name: String) async throws
    /// Lists all principals of a kind by name.
    func listPrincipals(kind: PrincipalKind) async throws -> [Principal]
    /// The direct members of a group by name.
    func groupMembers(_ group: String) async throws -> [Principal]
    /// Adds a principal to a group; adding it again changes nothing.
    func addGroupMember(_ member: String, to group: String) async throws
    /// Removes a principal from a group.
    func removeGroupMember(_ member: String, from group: String) async throws
    /// A principal with the groups that directly contain it and, when it is a group, its direct members.
    func principal(_ id: PrincipalID) async throws -> PrincipalRelations
    /// Makes a token and shows it this once. Anybody may for itself, an administrator for anybody.
    func createToken(_ request: CreateTokenRequest) async throws -> IssuedToken
    /// The personal access tokens of one's own, which anybody may see, or of others.
    func listTokens(of owner: TokenOwner) async throws -> [TokenDescription]
    /// Makes a token useless before the call returns. Its owner may, whoever made it, and every administrator.
    func revokeToken(_ id: CredentialID) async throws
    /// Makes a client secret, by which a service principal gets short-lived access tokens, and shows it this once.
    func createClientSecret(for applicationID: String, lifetime: Duration?) async throws -> IssuedToken
    /// The client secrets of a service principal.
    func listClientSecrets(of applicationID: String) async throws -> [TokenDescription]
    /// Makes a client secret, and every access token that came from it, useless before the call returns.
    func deleteClientSecret(_ id: CredentialID, of applicationID: String) async throws
}

/// A principal and those it is directly related to.
public struct PrincipalRelations: Sendable, Hashable {
    /// The principal.
    public var principal: Principal
    /// The groups that directly contain it, without `users`, which contains everybody.
    public var groups: [Principal]
    /// The direct members of a group, by name; empty for anything else.
    public var members: [Principal]

    /// Creates the description.
    public init(principal: Principal, groups: [Principal], members: [Principal]) {
        self.principal = principal
        self.groups = groups
        self.members = members
    }
}

/// The kinds of credentials. The raw values stand in the store and never change.
public enum CredentialKind: UInt8, Sendable, Hashable {
    /// A personal access token.
    case personalAccessToken = 1
    /// The token of one run, accepted by that run's broker alone.
    case runToken = 2
    /// A service principal's client secret: no request shows it but the one that asks for an access token.
    case clientSecret = 3
}

/// What `createToken` takes.
public struct CreateTokenRequest: Sendable, Hashable {
    /// The principal that the token stands for; `nil` is the caller.
    public var principal: String?
    /// The kind.
    public var kind: CredentialKind
    /// The operations that it allows, never more than the caller's own credential; `nil` is as many as that one.
    public var operations: OperationSet?
    /// How long it is valid, at most ten years; `nil` is until it is revoked.
    public var lifetime: Duration?
    /// A note for people, at most 256 bytes.
    public var comment: String

    /// Creates a request.
    public init(
        principal: String? = nil,
        kind: CredentialKind,
        operations: OperationSet?,
        lifetime: Duration?,
        comment: String
    ) {
        self.principal = principal
        self.kind = kind
        self.operations = operations
        self.lifetime = lifetime
        self.comment = comment
    }
}

/// Whose tokens are asked for.
public enum TokenOwner: Sendable, Hashable {
    /// The caller.
    case caller
    /// A principal by name; unless it is the caller itself, this needs an administrator.
    case principal(String)
    /// Everybody; this needs an administrator.
    case everybody
}

/// When a token was last used, to the day.
public enum LastUse: Sendable, Hashable {
    /// It was not used yet.
    case never
    /// On the day that began at this moment, in coordinated universal time.
    case day(Timestamp)
    /// Not told: a server tells it to administrators only.
    case untold
}

/// What is known of a token or a client secret; never the token itself.
public struct TokenDescription: Sendable, Hashable {
    /// Names the token, for revoking it.
    public var id: CredentialID
    /// Whom it stands for.
    public var owner: Principal
    /// The name of who made it; `nil` when that principal is gone.
    public var creator: String?
    /// When it was made.
    public var created: Timestamp
    /// When it stops being valid; `nil` is when it is revoked.
    public var expires: Timestamp?
    /// The note that it was made with.
    public var comment: String
    /// The operations that it allows.
    public var operations: OperationSet
    /// When it was last used.
    public var lastUse: LastUse

    /// Creates the description.
    public init(
        id: CredentialID,
        owner: Principal,
        creator: String?,
        created: Timestamp,
        expires: Timestamp?,
        comment: String,
        operations: OperationSet,
        lastUse: LastUse = .never
    ) {
        self.id = id
        self.owner = owner
        self.creator = creator
        self.created = created
        self.expires = expires
        self.comment = comment
        self.operations = operations
        self.lastUse = lastUse
    }
}

/// A token or a client secret that was just made.
public struct IssuedToken: Sendable {
    /// What is known of it from now on.
    public var description: TokenDescription
    /// The token itself, which cannot be had again.
    public var value: SecretBytes

    /// Names the token, for revoking it.
    public var id: CredentialID { description.id }

    /// Creates the answer.
    public init(description: TokenDescription, value: SecretBytes) {
        self.description = description
        self.value = value
    }
}
