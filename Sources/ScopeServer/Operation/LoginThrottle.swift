internal import Hummingbird
internal import SecretScopes
import Synchronization

/// Slows down addresses whose requests show wrong credentials again and again: they get 429 with the time after which
/// to come back, in place of 401.
///
/// A request with a valid credential is answered whatever its address did before, so that one program with a wrong
/// token does not lock out the others behind the same address. The address is the connection's own; headers that tell
/// of another one are not believed.
struct LoginThrottle: RouterMiddleware {
    let failures: FailedLogins
    let metrics: ServerMetrics

    func handle(
        _ request: Request,
        context: ScopeRequestContext,
        next: (Request, ScopeRequestContext) async throws -> Response
    ) async throws -> Response {
        let response = try await next(request, context)
        guard response.status == .unauthorized else { return response }
        let wait = failures.count(from: context.address ?? "")
        metrics.loginWasRejected(isSlowed: wait != nil)
        guard let wait else { return response }
        let refusal = ScopeError(
            .requestLimitExceeded, "Too many requests without a valid credential came from this address.")
        return ErrorAnswers.response(for: refusal, retryAfter: wait)
    }
}

/// Counts failed logins by address: ten at once, then one every six seconds.
final class FailedLogins: Sendable {
    private struct Source {
        var tokens: Double
        var updated: Timestamp
    }

    /// The failures that are allowed at once.
    static let burst = 10
    /// The time after which one more is allowed.
    static let interval = Duration.seconds(6)
    /// The most addresses that are told apart; when there are more, those that have recovered are forgotten, and
    /// newcomers share one count if there are none.
    private static let mostSources = 10_000

    private let clock: any WallClock
    private let sources = Mutex<[String: Source]>([:])

    init(clock: any WallClock = SystemWallClock()) {
        self.clock = clock
    }

    /// Counts one; returns the seconds after which the address may try again when these were too many.
    func count(from address: String) -> Int? {
        let now = clock.now()
        let seconds = Self.interval / .seconds(1)
        return sources.withLock { sources in
            if sources.count >= Self.mostSources, sources[address] == nil {
                sources = sources.filter { Self.tokens(of: $0.value, at: now) < Double(Self.burst) }
            }
            let name = sources.count >= Self.mostSources && sources[address] == nil ? "" : address
            let known = sources[name] ?? Source(tokens: Double(Self.burst), updated: now)
            let tokens = Self.tokens(of: known, at: now)
            let isAllowed = tokens >= 1
            sources[name] = Source(tokens: isAllowed ? tokens - 1 : tokens, updated: now)
            return isAllowed ? nil : max(1, Int(((1 - tokens) * seconds).rounded(.up)))
        }
    }

    private static func tokens(of source: Source, at now: Timestamp) -> Double {
        let passed = Double(max(0, now.rawValue - source.updated.rawValue)) / (interval / .milliseconds(1))
        return min(Double(burst), source.tokens + passed)
    }
}
