package import SecretCrypto
package import SecretMemory

/// The engine of an open workspace: decides, seals, opens and records. Everything that is read or changed goes
/// through it.
///
/// ``session(for:)`` gives the services on behalf of one caller.
public final class ScopeEngine: Sendable {
    /// The numbers that the engine keeps to. Those of scopes, secrets and values are Databricks'.
    public enum Limits {
        /// The most scopes of a workspace.
        public static let scopes = 1000
        /// The most secrets of a scope.
        public static let secretsPerScope = 1000
        /// The most bytes of a value.
        public static let valueBytes = 131_072
        /// The versions of a secret that are kept, the current one among them.
        public static let keptVersions = 10
        /// The most personal access tokens of a principal that are valid at a time.
        public static let tokensPerPrincipal = 600
        /// The most client secrets of a service principal that are valid at a time.
        public static let clientSecretsPerPrincipal = 5
        /// The longest time that a token or a client secret is valid for, unless it is valid until it is revoked.
        public static let longestLifetime = Duration.seconds(10 * 365 * 24 * 60 * 60)
    }

    /// The workspace's id.
    public let workspace: WorkspaceID
    let localAdministrator: PrincipalID
    let store: any ScopeStore
    let keys: WorkspaceKeys
    let heads = HeadAuthenticators()
    let cache = WorkspaceCache()
    let terms = TermCache()
    let committer: GroupCommitter
    let clock: any WallClock
    let random: any RandomSource
    /// The vaults that scopes are linked to.
    let vaults: any LinkedVaults
    let strangers = MinuteCounts<String>()

    init(
        row: WorkspaceRow,
        store: any ScopeStore,
        keys: WorkspaceKeys,
        clock: any WallClock,
        random: any RandomSource,
        vaults: any LinkedVaults
    ) {
        self.workspace = row.id
        self.localAdministrator = row.localAdministrator
        self.store = store
        self.keys = keys
        self.clock = clock
        self.random = random
        self.vaults = vaults
        self.committer = GroupCommitter(
            store: store, keys: keys, heads: heads, cache: cache, terms: terms, clock: clock)
    }

    /// Opens the workspace in `store`.
    ///
    /// - Throws: `StoreError` when there is none, ``KeyProviderError`` when its root key cannot be unwrapped,
    ///   ``ScopeError`` with `DATA_LOSS` when its first row was altered.
    package static func open(
        _ store: any ScopeStore,
        keyProvider: any KeyProvider,
        pool: SecretPool,
        clock: any WallClock = SystemWallClock(),
        random: any RandomSource = SystemRandomSource(),
        vaults: any LinkedVaults = NoVaults()
    ) async throws -> ScopeEngine {
        guard let row = try store.read({ try $0.workspace() }) else {
            throw StoreError(.missing, "The store holds no workspace. Run `hush init` in an empty folder.")
        }
        let rootKey = try await keyProvider.unwrap(row.rootKey, for: row.id, in: pool)
        let keys = try WorkspaceKeys(rootKey: rootKey, workspace: row.id, pool: pool)
        guard keys.isAuthentic(row) else {
            throw ScopeError(describing: IntegrityError(object: row.label))
        }
        return ScopeEngine(row: row, store: store, keys: keys, clock: clock, random: random, vaults: vaults)
    }

    /// Makes a new workspace in an empty `store`, with the user `administrator` as its local administrator.
    package static func create(
        in store: any ScopeStore,
        keyProvider: any KeyProvider,
        administrator: PrincipalName,
        runBy: String,
        pool: SecretPool,
        clock: any WallClock = SystemWallClock(),
        random: any RandomSource = SystemRandomSource(),
        vaults: any LinkedVaults = NoVaults()
    ) async throws -> ScopeEngine {
        guard try store.read({ try $0.workspace() }) == nil else {
            throw StoreError(.exists, "There is a workspace already.")
        }
        // Before the key provider keeps anything, such as a key file.
        guard administrator != .users, administrator != .administrators else {
            throw ScopeError(
                .invalidParameterValue, "The name \(administrator) is reserved. Give the administrator another one.")
        }
        let id = WorkspaceID(random: random)
        let rootKey = SymmetricKey.random(in: pool).withBytes { SecretBytes(copying: $0, in: pool) }
        let wrapped = try await keyProvider.wrap(rootKey, for: id)
        let keys = try WorkspaceKeys(rootKey: rootKey, workspace: id, pool: pool)
        let row = keys.authenticated(
            WorkspaceRow(
                id: id, created: clock.now(), rootKey: wrapped, localAdministrator: PrincipalID(random: random)))
        let engine = ScopeEngine(row: row, store: store, keys: keys, clock: clock, random: random, vaults: vaults)
        do {
            try engine.writeFirstRows(row, administrator: administrator, runBy: runBy)
        } catch let error as StoreError where error.code == .unconfirmed {
            throw error
        } catch {
            await keyProvider.discard(for: id)
            throw error
        }
        return engine
    }

    /// The services on behalf of `caller`.
    public func session(for caller: Caller) -> ScopeSession {
        ScopeSession(engine: self, caller: caller)
    }

    /// The caller that an embedded command line or program is: the local administrator, or any principal in its place.
    ///
    /// - Throws: ``ScopeError`` with `INVALID_PARAMETER_VALUE` when there is no such principal.
    public func localCaller(as name: String?, runBy: String, origin: RequestOrigin) throws -> Caller {
        var principal = localAdministrator
        if let name {
            let name = try PrincipalName(validating: name)
            do {
                let row = try readView { try $0.principal(named: name) }
                guard let row, row.kind != .group else {
                    throw ScopeError(
                        .invalidParameterValue,
                        "There is no user or service principal \(name). See `hush users list`.")
                }
                principal = row.id
            } catch {
                throw ScopeError(describing: error)
            }
        }
        return Caller(
            principal: principal, credential: nil, allowedOperations: .all, runBy: runBy, origin: origin)
    }

    /// A key for a purpose outside the store, such as authenticating a cache of files.
    package func key(for purpose: String) throws -> SymmetricKey {
        try keys.key(for: purpose)
    }

    /// Runs `body` on a snapshot whose rows are checked, and brings the cache up to it.
    func readView<Result>(_ body: (WorkspaceView) throws -> Result) throws -> Result {
        try store.read { reader in
            let head = try heads.verifiedHead(reader, keys: keys)
            try WorkspaceView.catchUp(cache, to: head.generation, by: reader, keys: keys)
            return try body(WorkspaceView(reader: reader, keys: keys, cache: cache, generation: head.generation))
        }
    }

    /// The cache, as long as the store is known to have the cache's generation.
    var currentCache: CachedWorkspace? {
        guard let generation = store.announcedGeneration, generation == cache.generation else { return nil }
        return CachedWorkspace(cache: cache, generation: generation)
    }

    /// Looks at the workspace: at the cache alone while that is true and has everything, and else at a snapshot.
    func lookUp<Result>(_ body: (any WorkspaceLookup) throws -> Result) throws -> Result {
        if let currentCache {
            do {
                return try body(currentCache)
            } catch is CachedWorkspace.Miss {}
        }
        return try readView(body)
    }

    // MARK: A new workspace

    /// Writes the first rows, in one transaction with the event that tells of them.
    private func writeFirstRows(_ row: WorkspaceRow, administrator name: PrincipalName, runBy: String) throws {
        let auditKey = try keys.makeAuditKey(epoch: 1)
        var head = HeadRow(events: 0, hash: AuditChain.start, generation: 0, keyEpoch: 1, time: row.created, terms: 0)
        head.code = try keys.headAuthenticator(auditKey).authenticate(head.columns.span.bytes).bytes
        let caller = Caller(
            principal: row.localAdministrator,
            credential: nil,
            allowedOperations: .all,
            runBy: runBy,
            origin: RequestOrigin(surface: .commandLine)
        )
        try store.write { transaction in
            guard try transaction.workspace() == nil else {
                throw StoreError(.exists, "There is a workspace already.")
            }
            try transaction.save(row)
            try transaction.insert(auditKey)
            try transaction.save(head)
            let batch = try CommitBatch(
                transaction: transaction, keys: keys, heads: heads, cache: cache, terms: terms, now: row.created)
            var event = AuditEvent(.createWorkspace, by: caller)
            event.actor.name = name.rawValue
            event.effects = [RowEffect(table: .workspace, row: row.identity, code: row.code)]
            let result = try batch.process(event, by: caller) { context in
                try saveFirstPrincipals(row, administrator: name, in: context)
            }
            try result.get()
            try batch.finish()
        }
        cache.reset(to: -1)
    }

    private func saveFirstPrincipals(
        _ row: WorkspaceRow, administrator: PrincipalName, in context: OperationContext
    ) throws {
        func principal(_ id: PrincipalID, _ kind: PrincipalKind, _ name: PrincipalName) -> PrincipalRow {
            PrincipalRow(
                id: id,
                kind: kind,
                name: name.rawValue,
                displayName: name.rawValue,
                isActive: true,
                created: row.created
            )
        }
        try context.save(principal(.everybody, .group, .users))
        try context.save(principal(.administrators, .group, .administrators))
        try context.save(principal(row.localAdministrator, .user, administrator))
        try context.save(MembershipRow(group: .administrators, member: row.localAdministrator))
    }
}

extension Identifier {
    /// A new identifier.
    init(random: any RandomSource) {
        var halves: (UInt64, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &halves) { random.fill($0) }
        self.init(high: halves.0, low: halves.1)
    }
}
