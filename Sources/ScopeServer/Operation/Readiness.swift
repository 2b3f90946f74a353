internal import Logging
public import SecretScopes
import Synchronization

/// Whether the workspace behind a server can be read and its record can be written.
///
/// Strangers may ask, so the question is put to the workspace once a second at most.
public final class Readiness: Sendable {
    private struct Answer {
        var time: Timestamp
        var problem: String?
    }

    private static let lifetime: Int64 = 1000

    private let check: @Sendable () async throws -> Void
    private let reason: @Sendable (ScopeError) -> String
    private let clock: any WallClock
    private let last = Mutex<Answer?>(nil)

    /// Creates it.
    ///
    /// - Parameters:
    ///   - reason: The word that strangers are told for a problem.
    ///   - check: Throws when the workspace is not ready.
    public init(
        clock: any WallClock = SystemWallClock(),
        reason: @escaping @Sendable (ScopeError) -> String = { $0.code.name },
        check: @escaping @Sendable () async throws -> Void
    ) {
        self.clock = clock
        self.reason = reason
        self.check = check
    }

    /// Why the workspace is not ready, in a word; `nil` when it is.
    func problem(logger: Logger) async -> String? {
        let now = clock.now()
        if let last = last.withLock({ $0 }), (0..<Self.lifetime).contains(now.rawValue - last.time.rawValue) {
            return last.problem
        }
        var error: ScopeError?
        do {
            try await check()
        } catch let problem as ScopeError {
            error = problem
        } catch _ {
            error = ScopeError(.internalError, "The workspace cannot be checked.")
        }
        if let error { logger.error("not ready", metadata: ["reason": "\(error.description)"]) }
        let problem = error.map(reason)
        last.withLock { $0 = Answer(time: now, problem: problem) }
        return problem
    }
}
