package import SecretMemory

/// What the engine asks of external vaults. It has decided before that the caller may.
///
/// Every method that reaches out ends by the access' deadline.
package protocol LinkedVaults: Sendable {
    /// Checks an address and its options, and whether the settings of this machine let it be linked.
    ///
    /// - Throws: ``ScopeError`` with what to mend.
    func validate(_ request: LinkScopeRequest) throws(ScopeError) -> ValidatedLink
    /// Reads a value.
    func read(_ key: SecretName, through access: LinkAccess) async throws(ScopeError) -> LinkedSecret
    /// Lists names, each once.
    func list(through access: LinkAccess) async throws(ScopeError) -> [LinkedEntry]
    /// Stores a value; returns the vault's name of the new version, if it has one.
    func put(
        _ value: SecretBytes, as key: SecretName, through access: LinkAccess
    ) async throws(ScopeError) -> String?
    /// Deletes a secret.
    func delete(_ key: SecretName, through access: LinkAccess) async throws(ScopeError)
    /// Tries the link step by step: the credential, the list, one value.
    func check(through access: LinkAccess) async -> [LinkCheckStep]
    /// Forgets what is kept in memory of a scope: values, sessions, names.
    func forget(_ scope: ScopeID)
    /// What was counted so far.
    var figures: VaultFigures { get }
}

/// A link whose address and options were checked.
package struct ValidatedLink: Sendable {
    package var kind: VaultKind
    package var address: String
    package var options: [String: String]
    package var credential: LinkCredential?
    /// Whom the credential is for: the vault's host, say. A link that changes it needs its credential told anew.
    package var authority: String
    /// Whether values can be put and deleted through it.
    package var isWritable: Bool
    /// Whether it acts with what the machine has: its identity, a variable, a file.
    package var usesMachine: Bool

    package init(
        kind: VaultKind, address: String, options: [String: String], credential: LinkCredential?, authority: String,
        isWritable: Bool, usesMachine: Bool
    ) {
        self.kind = kind
        self.address = address
        self.options = options
        self.credential = credential
        self.authority = authority
        self.isWritable = isWritable
        self.usesMachine = usesMachine
    }
}

/// One use of a link.
package struct LinkAccess: Sendable {
    /// The scope.
    package var scope: ScopeID
    package var scopeName: ScopeName
    package var link: ScopeLink
    /// Changes whenever the scope's row does, so that nothing of an earlier link is used.
    package var revision: [UInt8]
    /// Changes whenever the secret does that holds the credential; `nil` when it is not kept in a scope.
    package var credentialRevision: VersionID?
    /// Reads the credential from its scope, as the link's owner; `nil` when it is not kept in one.
    package var readCredential: (@Sendable () async throws -> SecretBytes)?
    /// When the caller's patience ends.
    package var deadline: ContinuousClock.Instant
    /// How many links between servers the request came through.
    package var depth: Int
    /// Whether a scope is linked; `false` when a vault is asked for its own sake, to move secrets from or to it.
    package var isLinked: Bool

    package init(
        scope: ScopeID,
        scopeName: ScopeName,
        link: ScopeLink,
        revision: [UInt8],
        credentialRevision: VersionID?,
        readCredential: (@Sendable () async throws -> SecretBytes)?,
        deadline: ContinuousClock.Instant,
        depth: Int = 0,
        isLinked: Bool = true
    ) {
        self.scope = scope
        self.scopeName = scopeName
        self.link = link
        self.revision = revision
        self.credentialRevision = credentialRevision
        self.readCredential = readCredential
        self.deadline = deadline
        self.depth = depth
        self.isLinked = isLinked
    }
}

/// A value that a vault gave.
package struct LinkedSecret: Sendable {
    /// The name in the vault's spelling, as a key.
    package var key: String
    package var value: SecretBytes
    /// The vault's name of the version.
    package var version: String?
    /// Whether the vault could not be asked, and this is what it said before.
    package var isStale: Bool
    /// Whether the vault says that its time is over, which the link tolerates.
    package var isExpired: Bool
    /// The least redaction of the value wherever it may be shown, by whoever gave it.
    package var minimumRedaction: MinimumRedaction

    package init(
        key: String, value: SecretBytes, version: String?, isStale: Bool = false, isExpired: Bool = false,
        minimumRedaction: MinimumRedaction = .literal
    ) {
        self.key = key
        self.value = value
        self.version = version
        self.isStale = isStale
        self.isExpired = isExpired
        self.minimumRedaction = minimumRedaction
    }
}

/// A name that a vault lists.
package struct LinkedEntry: Sendable, Hashable {
    /// The name as a key.
    package var key: String
    /// When it last changed; `nil` when the vault does not say.
    package var updated: Timestamp?

    package init(key: String, updated: Timestamp?) {
        self.key = key
        self.updated = updated
    }
}

/// The vaults of a program that has none: no scope can be linked.
package struct NoVaults: LinkedVaults {
    package init() {}

    private var refusal: ScopeError {
        ScopeError(.invalidState, "This program reaches no external vaults.")
    }

    package func validate(_ request: LinkScopeRequest) throws(ScopeError) -> ValidatedLink { throw refusal }
    package func read(_ key: SecretName, through access: LinkAccess) async throws(ScopeError) -> LinkedSecret {
        throw refusal
    }
    package func list(through access: LinkAccess) async throws(ScopeError) -> [LinkedEntry] { throw refusal }
    package func put(
        _ value: SecretBytes, as key: SecretName, through access: LinkAccess
    ) async throws(ScopeError) -> String? {
        throw refusal
    }
    package func delete(_ key: SecretName, through access: LinkAccess) async throws(ScopeError) { throw refusal }
    package func check(through access: LinkAccess) async -> [LinkCheckStep] { [] }
    package func forget(_ scope: ScopeID) {}
    package var figures: VaultFigures { VaultFigures() }
}
