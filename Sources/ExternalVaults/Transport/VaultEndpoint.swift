package import SecretCrypto
internal import Synchronization

/// Where the requests of one vault go: repeats what makes sense to repeat, within the caller's patience, a budget and the
/// link's rate.
///
/// The rules: at most three attempts; pauses of `rand(0,1) · min(20 s, base · 2^n)` with a base of 50 ms, or 1 s when the
/// vault says that it is asked too often; what the vault itself names as the pause counts when it is longer.
package final class VaultEndpoint: Sendable {
    private struct State {
        /// What is left of the budget for repetitions, so that a vault in trouble is not asked even more.
        var budget = VaultEndpoint.fullBudget
        /// When the next request may be sent, by the link's rate.
        var next: ContinuousClock.Instant?
    }

    private static let fullBudget = 500.0
    private static let attempts = 3
    private static let longestPause = Duration.seconds(20)

    private let transport: VaultTransport
    private let random: any RandomSource
    /// The time between two requests by the link's rate.
    private let interval: Duration?
    private let state = Mutex(State())

    /// - Parameter rateLimit: The most requests in a second; `nil` for no limit.
    package init(_ transport: VaultTransport, random: any RandomSource, rateLimit: Int?) {
        self.transport = transport
        self.random = random
        self.interval = rateLimit.map { .seconds(1) / $0 }
    }

    /// Sends a request, again if need be, until there is an answer that `problem` finds nothing wrong with.
    ///
    /// - Parameters:
    ///   - trust: Whom to trust.
    ///   - deadline: When the caller's patience ends.
    ///   - mayRepeat: Whether sending the request twice does no more than sending it once. If not, it is repeated only when
    ///     the vault says that it is asked too often: then nothing was done.
    ///   - request: Makes the request, for every attempt anew: signatures hold the time.
    ///   - problem: What an answer tells of; `nil` for success.
    /// - Throws: ``VaultFailure``, the last one there was.
    package func send(
        trust: ServerTrust,
        deadline: ContinuousClock.Instant,
        mayRepeat: Bool = true,
        _ request: () async throws(VaultFailure) -> VaultRequest,
        problem: (VaultAnswer) -> VaultFailure?
    ) async throws(VaultFailure) -> VaultAnswer {
        var attempt = 0
        while true {
            try await waitForTurn(until: deadline)
            var failure: VaultFailure
            do {
                let answer = try await transport.send(request(), trust: trust, deadline: deadline)
                guard let found = problem(answer) else {
                    refund()
                    return answer
                }
                failure = found
                failure.retryAfter = failure.retryAfter ?? RetryAfter.pause(in: answer)
            } catch {
                failure = error
            }
            attempt += 1
            guard
                failure.reason == .throttled || mayRepeat && failure.isTransient, attempt < Self.attempts,
                spend(failure.reason == .throttled ? 5 : 14)
            else { throw failure }
            let pause = pause(before: attempt, failure)
            guard ContinuousClock.now + pause < deadline else { throw failure }
            do {
                try await Task.sleep(for: pause)
            } catch {
                throw VaultFailure(.deadlinePassed)
            }
        }
    }

    private func pause(before attempt: Int, _ failure: VaultFailure) -> Duration {
        let base: Duration = failure.reason == .throttled ? .seconds(1) : .milliseconds(50)
        let longest = min(Self.longestPause, base * (1 << (attempt - 1)))
        let share = Double(random.bytes(count: 2).reduce(0) { $0 << 8 | Int($1) }) / 65_535
        return max(longest * share, min(failure.retryAfter ?? .zero, Self.longestPause))
    }

    private func spend(_ cost: Double) -> Bool {
        state.withLock { state in
            guard state.budget >= cost else { return false }
            state.budget -= cost
            return true
        }
    }

    private func refund() {
        state.withLock { $0.budget = min(Self.fullBudget, $0.budget + 1) }
    }

    /// Waits until the link's rate allows one more request.
    private func waitForTurn(until deadline: ContinuousClock.Instant) async throws(VaultFailure) {
        guard let interval else { return }
        let now = ContinuousClock.now
        let turn = state.withLock { state -> ContinuousClock.Instant? in
            let turn = max(state.next ?? now, now)
            guard turn < deadline else { return nil }
            state.next = turn + interval
            return turn
        }
        guard let turn else { throw VaultFailure(.throttled, detail: "the link's rate-limit is reached") }
        guard turn > now else { return }
        do {
            try await Task.sleep(until: turn, clock: .continuous)
        } catch {
            throw VaultFailure(.deadlinePassed)
        }
    }
}
