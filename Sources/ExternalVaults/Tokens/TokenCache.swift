internal import Synchronization

/// A credential that a vault or an issuer gave for a while, one per credential revision: fetched once for all who wait, and
/// anew ahead of its end.
///
/// A refresh that fails leaves the token in use as long as it is valid.
package final class TokenCache<Token: Sendable>: Sendable {
    /// A token with the times that count, from when it was fetched.
    package struct Issued: Sendable {
        package var token: Token
        /// After which time a new one is fetched; the old one is used on if that fails.
        package var refresh: Duration
        /// After which time it is not used any more.
        package var end: Duration

        package init(token: Token, refresh: Duration, end: Duration) {
            self.token = token
            self.refresh = refresh
            self.end = end
        }

        /// A token of that lifetime, refreshed so long before its end, and not used in its last `margin`.
        package init(token: Token, lifetime: Duration, refreshAhead: Duration, margin: Duration = .seconds(10)) {
            self.init(
                token: token, refresh: max(lifetime - refreshAhead, lifetime / 2), end: max(lifetime - margin, .zero))
        }
    }

    private struct Kept {
        var revision: String
        var token: Token
        var refresh: ContinuousClock.Instant
        var end: ContinuousClock.Instant
    }

    private struct State {
        var current: Kept?
        var fetching: (revision: String, task: Task<Token, any Error>)?
        /// After a refresh failed, when it is tried again.
        var pause: ContinuousClock.Instant?
    }

    /// What a caller does.
    private enum Step {
        case use(Token)
        /// Waits for the fetch, and makes do with the token in use, if there is one, when that fails.
        case wait(Task<Token, any Error>, usable: Token?)
    }

    private static var pauseAfterFailure: Duration { .seconds(30) }

    private let clock: any SteadyClock
    private let state = Mutex(State())

    package init(clock: any SteadyClock) {
        self.clock = clock
    }

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
        let (task, usable): (Task<Token, any Error>, Token?)
        switch step(for: revision, fetch) {
        case .use(let token): return token
        case .wait(let fetching, let token): (task, usable) = (fetching, token)
        }
        let result: Result<Token, any Error>?
        if let deadline {
            result = await SharedWait.result(of: task, until: deadline)
        } else {
            result = await task.result
        }
        switch result {
        case .success(let token):
            return token
        case .failure(let error):
            guard let usable else { throw error as? VaultFailure ?? VaultFailure(.unreachable) }
            return usable
        case nil:
            guard let usable else {
                throw VaultFailure(.deadlinePassed, detail: "the link's credentials did not come in time")
            }
            return usable
        }
    }

    private func step(
        for revision: String, _ fetch: @escaping @Sendable () async throws(VaultFailure) -> Issued
    ) -> Step {
        let now = clock.now()
        return state.withLock { state in
            let usable = state.current.flatMap { $0.revision == revision && $0.end > now ? $0 : nil }
            let fetching = state.fetching.flatMap { $0.revision == revision ? $0.task : nil }
            if let usable {
                // While a new one is fetched, others go on with the old one.
                let isToBeFetched = usable.refresh <= now && (state.pause ?? now) <= now && fetching == nil
                guard isToBeFetched else { return .use(usable.token) }
            }
            if let fetching { return .wait(fetching, usable: usable?.token) }
            let task = Task<Token, any Error> {
                do {
                    let issued = try await fetch()
                    finish(revision, issued)
                    return issued.token
                } catch {
                    finish(revision, nil)
                    throw error
                }
            }
            state.fetching = (revision, task)
            return .wait(task, usable: usable?.token)
        }
    }

    /// Keeps what was fetched; without it, pauses before it is tried again.
    private func finish(_ revision: String, _ issued: Issued?) {
        let now = clock.now()
        state.withLock { state in
            // A fetch for a newer credential may have begun since.
            guard state.fetching?.revision == revision else { return }
            state.fetching = nil
            guard let issued else {
                state.pause = now + Self.pauseAfterFailure
                return
            }
            state.pause = nil
            state.current = Kept(
                revision: revision, token: issued.token, refresh: now + issued.refresh, end: now + issued.end)
        }
    }

    /// Forgets the token, because it was refused.
    package func drop(revision: String) {
        state.withLock { state in
            if state.current?.revision == revision { state.current = nil }
        }
    }
}
