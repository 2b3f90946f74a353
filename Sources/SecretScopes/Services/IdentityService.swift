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
    /// Makes a token and shows it this once.
    func createToken(_ request: CreateTokenRequest) async throws -> IssuedToken
    /// Makes a token useless before the call returns.
    func revokeToken(_ id: CredentialID) async throws
}

/// The kinds of credentials. The raw values stand in the store and never change.
public enum CredentialKind: UInt8, Sendable, Hashable {
    /// A personal access token.
    case personalAccessToken = 1
    /// The token of one run, accepted by that run's broker alone.
    case runToken = 2
}

/// What `createToken` takes.
public struct CreateTokenRequest: Sendable, Hashable {
    /// The principal that the token stands for; `nil` is the caller.
    public var principal: String?
    /// The kind.
    public var kind: CredentialKind
    /// The operations that it allows, never more than the caller's own credential.
    public var operations: OperationSet
    /// How long it is valid; `nil` is until it is revoked.
    public var lifetime: Duration?
    /// A note for people, at most 256 bytes.
    public var comment: String

    /// Creates a request.
    public init(
        principal: String? = nil,
        kind: CredentialKind,
        operations: OperationSet,
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

/// A token that was just made.
public struct IssuedToken: Sendable {
    /// Names the token, for revoking it.
    public var id: CredentialID
    /// The token itself, which cannot be had again.
    public var value: SecretBytes

    /// Creates the answer.
    public init(id: CredentialID, value: SecretBytes) {
        self.id = id
        self.value = value
    }
}
