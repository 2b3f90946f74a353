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
    ///   - deadline: When the caller's patience ends; the fetch goes on then, for others and for next time.
    ///   - fetch: Fetches one; it must end by itself, since others may wait for it.
    package func token(
        for revision: String, until deadline: ContinuousClock.Instant? = nil,
        fetch: @escaping @Sendable () async throws(VaultFailure) -> Issued
    ) async throws(VaultFailure) -> Token {
        let now = ContinuousClock.now
        let usable = current.flatMap { $0.revision == revision && $0.issued.end > now ? $0.issued : nil }
        if let usable {
            if usable.refresh > now || (pause ?? now) > now { return usable.token }
            // Others go on with the old one while a new one is fetched.
            if let fetching, fetching.revision == revision { return usable.token }
        }
        let task = self.task(for: revision, fetch)
        let result: Result<Issued, any Error>?
        if let deadline {
            result = await SharedWait.result(of: task, until: deadline)
        } else {
            result = await task.result
        }
        switch result {
        case .success(let issued):
            return issued.token
        case .failure(let error):
            guard let usable else { throw error as? VaultFailure ?? VaultFailure(.unreachable) }
            return usable.token
        case nil:
            guard let usable else {
                throw VaultFailure(.deadlinePassed, detail: "the link's credentials did not come in time")
            }
            return usable.token
        }
    }

    /// The fetch that is on its way, or a new one.
    private func task(
        for revision: String, _ fetch: @escaping @Sendable () async throws(VaultFailure) -> Issued
    ) -> Task<Issued, any Error> {
        if let fetching, fetching.revision == revision { return fetching.task }
        let task = Task {
            do {
                let issued = try await fetch()
                finish(revision, issued)
                return issued
            } catch {
                finish(revision, nil)
                throw error
            }
        }
        fetching = (revision, task)
        return task
    }

    /// Keeps what was fetched; without it, pauses before it is tried again.
    private func finish(_ revision: String, _ issued: Issued?) {
        // A fetch for a newer credential may have begun since.
        guard fetching?.revision == revision else { return }
        fetching = nil
        pause = issued == nil ? .now + .seconds(30) : nil
        if let issued { current = (revision, issued) }
    }

    /// Forgets the token, because it was refused.
    package func drop(revision: String) {
        if current?.revision == revision { current = nil }
    }
}
