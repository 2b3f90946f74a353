import Dispatch
import SecretCrypto
import Synchronization

/// Lets concurrent callers share one transaction and one `fsync`.
///
/// Callers queue up while a transaction is being committed; whoever is waiting then goes into the next one. Each
/// caller's work runs in a savepoint of its own, so that a refused or failing one leaves only its event.
final class GroupCommitter: Sendable {
    /// The work of one caller, its result type erased.
    private struct Item: Sendable {
        /// Does the work and keeps the result.
        var work: @Sendable (CommitBatch) throws -> Void
        /// Whether it takes something away, and may use the space that is held for that.
        var isRemoval: Bool
        /// Resumes the caller: with the kept result, or with the error that ended the whole batch.
        var finish: @Sendable (ScopeError?) -> Void
    }

    private struct State {
        var waiting: [Item] = []
        var isRunning = false
        var uses = CredentialUses()
        var commits = DurationHistogram()
    }

    /// The most callers that share a transaction.
    private static let largestBatch = 512

    private let store: any ScopeStore
    private let keys: WorkspaceKeys
    private let heads: HeadAuthenticators
    private let cache: WorkspaceCache
    private let terms: TermCache
    private let clock: any WallClock
    /// Whether there was no room for the last transaction.
    let isDiskFull = Atomic(false)
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "hush.committer", qos: .userInitiated)

    init(
        store: any ScopeStore,
        keys: WorkspaceKeys,
        heads: HeadAuthenticators,
        cache: WorkspaceCache,
        terms: TermCache,
        clock: any WallClock
    ) {
        self.store = store
        self.keys = keys
        self.heads = heads
        self.cache = cache
        self.terms = terms
        self.clock = clock
    }

    /// Runs `work` in the next transaction and returns its result when the transaction is durable.
    ///
    /// - Parameter isRemoval: Whether it takes something away: such work is also done when the disk is full, as long as
    ///   the space that is held for it lasts.
    /// - Throws: What `work` refused with, or `TEMPORARILY_UNAVAILABLE` when the transaction could not be committed;
    ///   then nothing of it is left.
    func commit<Success: Sendable>(
        isRemoval: Bool = false,
        _ work: @escaping @Sendable (CommitBatch) throws -> Result<Success, any Error>
    ) async throws -> Success {
        try await withUnsafeThrowingContinuation { continuation in
            let outcome = Outcome<Success>()
            let item = Item(
                work: { batch in outcome.value = try work(batch) },
                isRemoval: isRemoval,
                finish: { error in
                    if let error {
                        continuation.resume(throwing: error)
                    } else if let value = outcome.value {
                        continuation.resume(with: value)
                    } else {
                        continuation.resume(throwing: ScopeError(.internalError, "The transaction left no result."))
                    }
                }
            )
            let mustStart = state.withLock { state in
                state.waiting.append(item)
                defer { state.isRunning = true }
                return !state.isRunning
            }
            if mustStart { queue.async { self.run() } }
        }
    }

    // @unchecked: written by `work` and read by `finish`, which the committer's thread calls one after the other.
    private final class Outcome<Success: Sendable>: @unchecked Sendable {
        var value: Result<Success, any Error>?
    }

    /// How many callers wait at this moment.
    var waitingCalls: Int {
        state.withLock { $0.waiting.count }
    }

    /// How long transactions took.
    var commits: DurationHistogram {
        state.withLock { $0.commits }
    }

    private func run() {
        while true {
            let items = state.withLock { state in
                let items = Array(state.waiting.prefix(Self.largestBatch))
                state.waiting.removeFirst(items.count)
                if items.isEmpty { state.isRunning = false }
                return items
            }
            if items.isEmpty { return }
            commit(items)
            guard items.count == 1 else {
                // Behind those who were just woken: most of them come back with their next call, and larger batches
                // wait for the disk less often.
                Task { queue.async { self.run() } }
                return
            }
        }
    }

    /// Commits one batch and answers its callers. When the store fails at the work of one of them, that one alone fails
    /// and the others go into a new transaction, since SQLite has taken back the whole one.
    private func commit(_ items: [Item]) {
        var items = items
        var usesReserve = false
        defer { if usesReserve { store.restoreReserve() } }
        while !items.isEmpty {
            var position: Int?
            let failure: ScopeError?
            do {
                try commit(items, reaching: &position)
                failure = nil
            } catch {
                terms.removeAll()
                cache.reset(to: -1)
                failure = answer(for: error)
                if (error as? StoreError)?.code == .full {
                    // A full disk is no matter of one item.
                    position = nil
                    isDiskFull.store(true, ordering: .relaxed)
                    let removals = items.filter(\.isRemoval)
                    if !usesReserve, !removals.isEmpty, store.releaseReserve() {
                        for item in items where !item.isRemoval { item.finish(failure) }
                        items = removals
                        usesReserve = true
                        continue
                    }
                }
            }
            guard let failure, let position else {
                for item in items { item.finish(failure) }
                return
            }
            items.remove(at: position).finish(failure)
        }
    }

    /// Commits one transaction. While an item works, `position` is the item's.
    private func commit(_ items: [Item], reaching position: inout Int?) throws {
        let start = ContinuousClock.now
        let uses = state.withLock { $0.uses }
        let written = try store.write { transaction in
            let batch = try CommitBatch(
                transaction: transaction,
                keys: keys,
                heads: heads,
                cache: cache,
                terms: terms,
                uses: uses,
                now: clock.now()
            )
            for (index, item) in items.enumerated() {
                position = index
                try item.work(batch)
            }
            position = nil
            try batch.finish()
            return batch
        }
        isDiskFull.store(false, ordering: .relaxed)
        let (old, new) = (written.firstGeneration, written.generation)
        if new != old { cache.advance(from: old, to: new, dropping: written.invalidations) }
        let time = ContinuousClock.now - start
        state.withLock { state in
            state.commits.add(time)
            if !written.newUses.isEmpty { state.uses.insert(written.newUses, on: written.day) }
        }
    }

    private func answer(for error: any Error) -> ScopeError {
        let cause = ScopeError(describing: error)
        guard cause.code == .temporarilyUnavailable, (error as? StoreError)?.code != .unconfirmed else { return cause }
        return ScopeError(
            .temporarilyUnavailable,
            "The audit record cannot be written, so nothing was read or changed: \(cause.message)"
        )
    }
}
