public import SecretMemory

/// Questions about many scopes at once, on behalf of one caller: what a comparison with manifests needs.
///
/// Databricks knows no such calls. Every method throws ``ScopeError``: the refusal of the first scope that is refused.
public protocol WorkspaceComparisonService: Sendable {
    /// The ACLs and the secrets' names of native scopes, in the order of the requests. For each ACL it needs MANAGE and
    /// leaves the event of listing it, for each list of names READ and the event of that.
    func contents(of requests: [ScopeContentsRequest]) async throws -> [ScopeContents]

    /// Tells which values native scopes hold already, in the order of the requests. No value leaves the workspace, and
    /// values are compared in constant time; but whoever guesses right knows the value. So it needs READ, and leaves one
    /// event for each scope, which "who read it" answers with.
    func compare(_ requests: [ScopeComparisonRequest]) async throws -> [[SecretMatch]]
}

/// Which contents of a scope are asked for.
public struct ScopeContentsRequest: Sendable, Hashable {
    /// The scope's name.
    public var scope: String
    /// Whether its ACL is.
    public var listsACL: Bool
    /// Whether the names and versions of its secrets are.
    public var listsSecrets: Bool

    /// Creates a request.
    public init(scope: String, listsACL: Bool, listsSecrets: Bool) {
        self.scope = scope
        self.listsACL = listsACL
        self.listsSecrets = listsSecrets
    }
}

/// What a scope holds.
public struct ScopeContents: Sendable, Hashable {
    /// A secret without its value.
    public struct Item: Sendable, Hashable {
        /// The name, in the case it was made with.
        public var key: String
        /// The current version.
        public var version: VersionID

        /// Creates a description.
        public init(key: String, version: VersionID) {
            self.key = key
            self.version = version
        }
    }

    /// Everything that was granted, by principal; `nil` when it was not asked for.
    public var acl: [ACLItem]?
    /// The secrets by name; `nil` when they were not asked for.
    public var secrets: [Item]?

    /// Creates a description.
    public init(acl: [ACLItem]? = nil, secrets: [Item]? = nil) {
        self.acl = acl
        self.secrets = secrets
    }
}

/// Values that a scope may hold.
public struct ScopeComparisonRequest: Sendable {
    /// The scope's name.
    public var scope: String
    /// The secrets' names and the values.
    public var values: [(key: String, value: SecretBytes)]

    /// Creates a request.
    public init(scope: String, values: [(key: String, value: SecretBytes)]) {
        self.scope = scope
        self.values = values
    }
}

/// How a value compares with what is there.
public enum SecretMatch: Sendable, Hashable {
    /// There is no secret of that name.
    case absent
    /// The secret has this value in its current version.
    case same(VersionID)
    /// The secret has another value in its current version.
    case different(VersionID)
}
