package import SecretMemory
package import SecretScopes

/// One external vault, as one link addresses it.
///
/// Names are the vault's own (`VaultNaming` makes them out of keys and back). A vault that cannot do something says so in its
/// ``capabilities`` and is not asked for it. Instances live as long as their link does not change, and keep their
/// sessions: access tokens, clients, what a challenge said.
///
/// Adding a vault: one file with a type that conforms to this protocol, one with its ``VaultDefinition``, and a line in
/// ``VaultCatalog``.
package protocol Vault: Sendable {
    /// What the vault can do, by this link.
    var capabilities: VaultCapabilities { get }
    /// Which names the vault accepts.
    var nameRules: NameRules { get }

    /// Reads a value: the version that the link selects.
    ///
    /// - Throws: ``VaultFailure``; *absent* (``VaultFailure/Reason/notFound``) is a different answer from *unreachable*.
    func get(_ name: String, _ call: VaultCall) async throws(VaultFailure) -> VaultSecret
    /// Lists the names that begin with `prefix`, of all pages. The prefix is a help for the vault: names that do not begin
    /// with it are left out afterwards.
    func list(prefix: String, _ call: VaultCall) async throws(VaultFailure) -> [VaultEntry]
    /// Stores a value; returns the vault's name of the new version, if it has one.
    func put(_ value: SecretBytes, as name: String, _ call: VaultCall) async throws(VaultFailure) -> String?
    /// Deletes a secret, so that it can be restored in the vault if the vault offers that.
    func delete(_ name: String, _ call: VaultCall) async throws(VaultFailure)
    /// Gives sessions back that the vault keeps for this instance, as far as that can be done soon.
    func close() async
}

extension Vault {
    package func close() async {}
}

/// What a vault can do, by one link.
package struct VaultCapabilities: Sendable, Hashable {
    /// Whether values can be put.
    package var canPut: Bool
    /// Whether secrets can be deleted.
    package var canDelete: Bool
    /// Whether names can be listed.
    package var canList: Bool
    /// The most bytes of a value.
    package var largestValue: Int
    /// Whether an empty value can be stored.
    package var acceptsEmptyValues: Bool

    package init(
        canPut: Bool = true, canDelete: Bool = true, canList: Bool = true, largestValue: Int,
        acceptsEmptyValues: Bool = true
    ) {
        self.canPut = canPut
        self.canDelete = canDelete
        self.canList = canList
        self.largestValue = largestValue
        self.acceptsEmptyValues = acceptsEmptyValues
    }
}

/// What every call of a vault is given.
package struct VaultCall: Sendable {
    /// When the caller's patience ends.
    package var deadline: ContinuousClock.Instant
    /// The link's credential.
    package var credential: VaultCredential
    /// The name of the scope, for vaults that want to know for what they are asked.
    package var scope: String
    /// How many links between servers the request came through already.
    package var depth: Int

    package init(
        deadline: ContinuousClock.Instant, credential: VaultCredential, scope: String = "", depth: Int = 0
    ) {
        self.deadline = deadline
        self.credential = credential
        self.scope = scope
        self.depth = depth
    }
}

/// The link's credential, read when it is needed, which is seldom: sessions last longer than calls.
package struct VaultCredential: Sendable {
    /// Changes whenever the credential may have changed: sessions of another revision are not used any more.
    package let revision: String
    private let fetch: (@Sendable () async throws -> SecretBytes)?

    /// Creates a credential; `fetch` is `nil` for a link that has none.
    package init(revision: String, fetch: (@Sendable () async throws -> SecretBytes)?) {
        self.revision = revision
        self.fetch = fetch
    }

    /// Whether the link has a credential of its own.
    package var exists: Bool { fetch != nil }

    /// Reads the credential.
    ///
    /// - Throws: ``VaultFailure`` with `credentialUnreadable` when there is none, or it may not be read any more.
    package func read() async throws(VaultFailure) -> SecretBytes {
        guard let fetch else {
            throw VaultFailure(.credentialUnreadable, detail: "the link has no credential; give one with --credential")
        }
        do {
            return try await fetch()
        } catch let failure as VaultFailure {
            throw failure
        } catch let error as ScopeError {
            throw VaultFailure(.credentialUnreadable, detail: error.message)
        } catch {
            throw VaultFailure(.credentialUnreadable, detail: "its credential cannot be read")
        }
    }
}

/// A value as a vault gave it.
package struct VaultSecret: Sendable {
    package var value: SecretBytes
    /// The vault's name of the version.
    package var version: String?
    /// When it last changed.
    package var updated: Timestamp?
    /// From when it is to be used.
    package var notBefore: Timestamp?
    /// Until when it is to be used.
    package var expires: Timestamp?
    /// The least redaction of the value wherever it may be shown, by whoever gave it.
    package var minimumRedaction: MinimumRedaction

    package init(
        value: SecretBytes, version: String? = nil, updated: Timestamp? = nil, notBefore: Timestamp? = nil,
        expires: Timestamp? = nil, minimumRedaction: MinimumRedaction = .literal
    ) {
        self.value = value
        self.version = version
        self.updated = updated
        self.notBefore = notBefore
        self.expires = expires
        self.minimumRedaction = minimumRedaction
    }
}

/// A name that a vault lists.
package struct VaultEntry: Sendable, Hashable {
    /// The name in the vault.
    package var name: String
    /// When it last changed; `nil` when the vault's list does not say.
    package var updated: Timestamp?

    package init(name: String, updated: Timestamp? = nil) {
        self.name = name
        self.updated = updated
    }
}
