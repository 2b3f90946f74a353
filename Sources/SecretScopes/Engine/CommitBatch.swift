import SecretCrypto

/// One write transaction that carries the work of many callers.
///
/// Only the committer's thread touches it.
final class CommitBatch {
    let transaction: any StoreTransaction
    let keys: WorkspaceKeys
    let now: Timestamp
    private let authenticator: MessageAuthenticator
    private let sharedCache: WorkspaceCache
    private let terms: TermCache
    private var appender: AuditAppender
    /// What decisions of this transaction look at once it has changed rows itself; other threads never see it.
    private var ownCache: WorkspaceCache?
    /// Everything that the batch's changes made useless in caches.
    private(set) var invalidations: [CacheInvalidation] = []
    /// The generation before the batch.
    let firstGeneration: Int64
    /// Credentials whose use on this day the store does not know of yet.
    private(set) var newUses: Set<CredentialID> = []
    /// The day of the batch.
    var day: Timestamp { CredentialUses.day(of: now) }
    private let uses: CredentialUses

    /// How many generations the change log keeps.
    private static let keptGenerations: Int64 = 10_000

    init(
        transaction: any StoreTransaction,
        keys: WorkspaceKeys,
        heads: HeadAuthenticators,
        cache: WorkspaceCache,
        terms: TermCache,
        uses: CredentialUses = CredentialUses(),
        now: Timestamp
    ) throws {
        let head = try heads.verifiedHead(transaction, keys: keys)
        self.transaction = transaction
        self.keys = keys
        self.now = now
        self.authenticator = try heads.authenticator(epoch: head.keyEpoch, transaction, keys: keys)
        self.sharedCache = cache
        self.terms = terms
        self.uses = uses
        self.appender = AuditAppender(head: head, terms: terms)
        self.firstGeneration = head.generation
        try WorkspaceView.catchUp(cache, to: head.generation, by: transaction, keys: keys)
    }

    /// The generation with the changes of the batch so far.
    var generation: Int64 { appender.head.generation }

    /// Whether a decision that was made at `generation`, and told of in an event with terms of `era`, still stands here.
    func isCurrent(_ generation: Int64, era: Int) -> Bool {
        ownCache == nil && generation == self.generation && era == terms.era
    }

    /// The workspace as the batch sees it, with its own changes.
    var view: WorkspaceView {
        WorkspaceView(
            reader: transaction,
            keys: keys,
            cache: ownCache ?? sharedCache,
            generation: ownCache == nil ? generation : 0
        )
    }

    /// Does one caller's work and appends its event, granted or refused.
    ///
    /// - Returns: What the caller gets: a result or the refusal.
    /// - Throws: When the transaction cannot go on, for this and all other callers of the batch.
    func process<Success>(
        _ event: AuditEvent, by caller: Caller, _ work: (OperationContext) throws -> Success
    ) throws -> Result<Success, any Error> {
        let context = OperationContext(event: event, caller: caller, batch: self)
        let result: Result<Success, any Error>
        do {
            result = .success(try transaction.savepoint { try work(context) })
        } catch {
            // What the store cannot do is no refusal of this call.
            guard transaction.isActive, (error as? StoreError)?.isOutage != true else { throw error }
            let refusal = ScopeError(describing: error)
            context.takeBack(because: refusal)
            if context.hasChanged { ownCache?.reset(to: 0) }
            result = .failure(refusal)
        }
        if !context.invalidations.isEmpty { try advance(by: context.invalidations) }
        noteUse(of: caller.credential)
        try appender.append(context.event, at: now, in: transaction)
        return result
    }

    /// Does several steps, all of them or none: when one is refused the rows and events of those before it are taken
    /// back, and what is left are the events of the refusal.
    ///
    /// - Parameter work: Calls ``processStep(_:by:_:)`` for each step.
    /// - Returns: What the caller gets: a result or the refusal.
    /// - Throws: When the transaction cannot go on, for this and all other callers of the batch.
    func processTogether<Success>(
        by caller: Caller, _ work: (CommitBatch) throws -> Success
    ) throws -> Result<Success, any Error> {
        let known = (appender, invalidations)
        noteUse(of: caller.credential)
        do {
            return .success(try transaction.savepoint { try work(self) })
        } catch let refusal as RefusedStep {
            guard transaction.isActive else { throw refusal.error }
            (appender, invalidations) = known
            // The numbers of terms that the steps added are given to others.
            terms.removeAll()
            ownCache?.reset(to: 0)
            for event in refusal.events { try appender.append(event, at: now, in: transaction) }
            return .failure(refusal.error)
        }
    }

    /// Does one step of several.
    ///
    /// - Throws: ``RefusedStep`` when it is refused.
    func processStep<Success>(
        _ event: AuditEvent, by caller: Caller, _ work: (OperationContext) throws -> Success
    ) throws -> Success {
        let context = OperationContext(event: event, caller: caller, batch: self)
        let result: Success
        do {
            result = try work(context)
        } catch {
            guard transaction.isActive, (error as? StoreError)?.isOutage != true else { throw error }
            let refusal = ScopeError(describing: error)
            context.takeBack(because: refusal)
            throw RefusedStep(events: [context.event], error: refusal)
        }
        if !context.invalidations.isEmpty { try advance(by: context.invalidations) }
        try appender.append(context.event, at: now, in: transaction)
        return result
    }

    /// Adds an event to a batch that decided outside of it and found the decision still current.
    func record(_ event: EncodedEvent, by caller: Caller) throws {
        noteUse(of: caller.credential)
        try appender.append(event, at: now, in: transaction)
    }

    /// Adds an event that no decision belongs to.
    func record(_ event: AuditEvent) throws {
        try appender.append(event, at: now, in: transaction)
    }

    /// Called before the batch's first change of a row.
    func willChange() {
        guard ownCache == nil else { return }
        let cache = WorkspaceCache()
        cache.reset(to: 0)
        ownCache = cache
    }

    /// Makes the batch's own decisions look anew.
    func didChange(_ invalidation: CacheInvalidation) {
        ownCache?.advance(from: 0, to: 0, dropping: [invalidation])
    }

    /// Writes what was collected. The batch is done with it.
    func finish() throws {
        for credential in newUses { try transaction.saveLastUse(of: credential, on: day) }
        try appender.finish(sealing: authenticator, in: transaction)
    }

    private func noteUse(of credential: CredentialID?) {
        guard let credential, !uses.contains(credential, on: day) else { return }
        newUses.insert(credential)
    }

    private func advance(by entries: [CacheInvalidation]) throws {
        appender.advanceGeneration()
        invalidations += entries
        let row = ChangeRow(generation: generation, entries: CacheInvalidation.encode(entries))
        try transaction.insert(keys.authenticated(row), oldestKept: generation - Self.keptGenerations)
    }
}

/// A step that was refused, because of which others are taken back.
struct RefusedStep: Error {
    /// What the record tells of it.
    var events: [AuditEvent]
    /// What the caller gets.
    var error: ScopeError
}

extension ScopeError {
    /// The answer for an error of any kind. Texts of unknown errors are not passed on.
    init(describing error: any Error) {
        switch error {
        case let error as ScopeError: self = error
        case let error as IntegrityError: self.init(.dataLoss, error.description)
        case let error as StoreError:
            self.init(
                error.code == .damaged || error.code == .conflict ? .dataLoss : .temporarilyUnavailable, error.message)
        case let error as CryptoError: self.init(.internalError, error.description)
        default: self.init(.internalError, "Something failed inside Hush. Look into its log and report it.")
        }
    }
}
