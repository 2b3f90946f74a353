internal import Synchronization

/// A credential that a vault or an issuer gave for a while, one per credential revision: fetched once for all who wait, and
/// anew ahead of its end.
///
/// A refresh that fails leaves the token in use as long as it is valid.
package actor TokenCache<Token: Sendable> {
    /// A token with the times that count.
    package struct Issued: Sendable {
        package var token: Token
        /// From when a new one is fetched; the old one is used on if that fails.
        package var refresh: ContinuousClock.Instant
        /// From when it is not used any more.
        package var end: ContinuousClock.Instant

        package init(token: Token, refresh: ContinuousClock.Instant, end: ContinuousClock.Instant) {
            self.token = token
            self.refresh = refresh
            self.end = end
        }

        /// A token of that lifetime, refreshed so long before its end, and not used in its last `margin`.
        package init(token: Token, lifetime: Duration, refreshAhead: Duration, margin: Duration = .seconds(10)) {
            let now = ContinuousClock.now
            self.init(
                token: token, refresh: now + max(lifetime - refreshAhead, lifetime / 2),
                end: now + max(lifetime - margin, .zero))
        }
    }

    private var current: (revision: String, issued: Issued)?
    private var fetching: (revision: String, task: Task<Issued, any Error>)?
    /// After a refresh failed, when it is tried again.
    private var pause: ContinuousClock.Instant?

    package init() {}

    /// A token that is valid for a while.
    ///
    /// - Parameters:
    ///   - revision: Changes when the credential does that the token is fetched with.
    ///   - fetch: Fetches one; it must end by itself, since others may wait for it.
    package func token(
        for revision: String, fetch: @escaping @Sendable () async throws(VaultFailure) -> Issued
    ) async throws(VaultFailure) -> Token {
        let now = ContinuousClock.now
        let usable = current.flatMap { $0.revision == revision && $0.issued.end > now ? $0.issued : nil }
        if let usable {
            if usable.refresh > now || (pause ?? now) > now { return usable.token }
            // Others go on with the old one while a new one is fetched.
            if let fetching, fetching.revision == revision { return usable.token }
        }
        let task: Task<Issued, any Error>
        if let fetching, fetching.revision == revision {
            task = fetching.task
        } else {
            task = Task { try await fetch() }
            fetching = (revision, task)
        }
        let result = await task.result
        if fetching?.task == task { fetching = nil }
        switch result {
        case .success(let issued):
            current = (revision, issued)
            pause = nil
            return issued.token
        case .failure(let error):
            if let usable {
                pause = .now + .seconds(30)
                return usable.token
            }
            throw error as? VaultFailure ?? VaultFailure(.unreachable)
        }
    }

    /// Forgets the token, because it was refused.
    package func drop(revision: String) {
        if current?.revision == revision { current = nil }
    }
}
