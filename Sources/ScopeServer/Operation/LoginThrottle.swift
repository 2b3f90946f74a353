internal import Hummingbird
internal import SecretScopes

/// Slows down addresses whose requests show wrong credentials again and again: they get 429 with the time after which
/// to come back, in place of 401.
///
/// A request with a valid credential is answered whatever its address did before, so that one program with a wrong
/// token does not lock out the others behind the same address. The address is the connection's own; headers that tell
/// of another one are not believed.
struct LoginThrottle: Sendable {
    let failures: RequestAllowance<String>
    let metrics: ServerMetrics

    /// Counts an answer, and replaces it when it tells of one wrong credential too many.
    func count(_ response: inout Response, _ context: ScopeRequestContext) {
        guard response.status == .unauthorized else { return }
        let wait = failures.take(by: context.address ?? "")
        metrics.loginWasRejected(isSlowed: wait != nil)
        guard let wait else { return }
        let refusal = ScopeError(
            .requestLimitExceeded, "Too many requests without a valid credential came from this address.",
            retryAfter: .seconds(wait))
        response = ErrorAnswers.response(for: refusal)
    }
}

extension RequestAllowance<String> {
    /// What an address may fail: ten logins at once, then one every six seconds.
    static func failedLogins(clock: any WallClock) -> RequestAllowance {
        RequestAllowance(burst: 10, interval: .seconds(6), clock: clock)
    }
}
