/// Scopes that are linked to external vaults, on behalf of one caller.
///
/// Every call leaves one audit event, granted or refused. Every method throws ``ScopeError``.
public protocol LinkService: Sendable {
    /// Creates a scope that is linked to a vault, or links a scope that is there: one that is linked already, or a native
    /// one without secrets. Needs an administrator, whose link it then is.
    func linkScope(_ request: LinkScopeRequest) async throws
    /// Makes a linked scope a native one without secrets; its ACL and the vault stay as they are. Needs MANAGE.
    func unlinkScope(_ scope: String) async throws
    /// What a scope is linked to; `nil` when it is a native one. Needs READ.
    func scopeLink(of scope: String) async throws -> ScopeLinkDescription?
    /// Tries a link step by step, without showing a value. Needs MANAGE.
    func checkLink(of scope: String) async throws -> [LinkCheckStep]
}

/// What `linkScope` takes.
public struct LinkScopeRequest: Sendable, Hashable {
    /// The scope's name.
    public var scope: String
    /// The vault's address, such as `vault://vault.example.com:8200/secret/app`.
    public var address: String
    /// Further options by name; see the vault's documentation.
    public var options: [String: String]
    /// Where the credential is read, in text form: `{{secrets/SCOPE/KEY}}`, `env:NAME` or `file:PATH`.
    public var credential: String?
    /// Who gets MANAGE instead of the creator; only `users` is accepted. Of no use for a scope that exists.
    public var initialManagePrincipal: String?

    /// Creates a request.
    public init(
        scope: String,
        address: String,
        options: [String: String] = [:],
        credential: String? = nil,
        initialManagePrincipal: String? = nil
    ) {
        self.scope = scope
        self.address = address
        self.options = options
        self.credential = credential
        self.initialManagePrincipal = initialManagePrincipal
    }
}

/// A link as people may see it.
public struct ScopeLinkDescription: Sendable, Hashable {
    /// The kind of the vault.
    public var kind: VaultKind
    /// The address.
    public var address: String
    /// The options by name.
    public var options: [String: String]
    /// Where the credential is read.
    public var credential: String?
    /// The name of the principal whose link it is; `nil` when it is gone, and the link stopped.
    public var owner: String?
    /// Whether values can be put and deleted through it.
    public var isWritable: Bool

    /// Creates a description.
    public init(
        kind: VaultKind, address: String, options: [String: String], credential: String?, owner: String?,
        isWritable: Bool
    ) {
        self.kind = kind
        self.address = address
        self.options = options
        self.credential = credential
        self.owner = owner
        self.isWritable = isWritable
    }
}

/// One step of trying a link.
public struct LinkCheckStep: Sendable, Hashable {
    /// What was tried, such as `read the credential`.
    public var name: String
    /// What was found, or what to do about it.
    public var detail: String
    /// Whether it worked.
    public var succeeded: Bool

    /// Creates a step.
    public init(name: String, detail: String, succeeded: Bool) {
        self.name = name
        self.detail = detail
        self.succeeded = succeeded
    }
}
