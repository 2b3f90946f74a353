/// Lets each principal ask so many times a second. What goes beyond it is refused, and recorded once a minute with its
/// number, so that it cannot fill the audit record either.
final class PrincipalAllowance: Sendable {
    private let clock: any WallClock
    private let allowance: RequestAllowance<PrincipalID>
    private let refusals = MinuteCounts<PrincipalID>()

    init(requestsPerSecond: Int, clock: any WallClock) {
        precondition(requestsPerSecond > 0, "a rate that lets nothing through")
        self.clock = clock
        self.allowance = RequestAllowance(
            burst: requestsPerSecond, interval: .seconds(1) / requestsPerSecond, clock: clock)
    }

    /// Counts a request of the session's principal.
    ///
    /// - Throws: ``ScopeError`` with `REQUEST_LIMIT_EXCEEDED` when there were too many; a second later one more is let
    ///   through.
    func admit(_ session: ScopeSession) async throws {
        let principal = session.caller.principal
        guard allowance.take(by: principal) != nil else { return }
        let refusal = ScopeError(.requestLimitExceeded, "Too many requests of this caller came within a second.")
        if let count = refusals.count(principal, at: clock.now()) {
            try await session.perform(.authenticate, parameters: [("requests", String(count))]) { context in
                _ = try context.identify()
                throw refusal
            }
        }
        throw refusal
    }
}
