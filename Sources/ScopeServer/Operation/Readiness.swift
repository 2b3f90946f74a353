internal import Logging
public import SecretScopes
import Synchronization

/// Whether the workspace behind a server can be read and its record can be written.
///
/// Strangers may ask, so the question is put to the workspace once a second at most.
public final class Readiness: Sendable {
    private struct Answer {
        var time: Timestamp
        var error: ScopeError?
    }

    private static let lifetime: Int64 = 1000

    private let check: @Sendable () async throws -> Void
    private let clock: any WallClock
    private let last = Mutex<Answer?>(nil)

    /// Creates it.
    ///
    /// - Parameter check: Throws when the workspace is not ready.
    public init(clock: any WallClock = SystemWallClock(), check: @escaping @Sendable () async throws -> Void) {
        self.clock = clock
        self.check = check
    }

    /// Why the workspace is not ready; `nil` when it is.
    func problem(logger: Logger) async -> ScopeError? {
        let now = clock.now()
        if let last = last.withLock({ $0 }), (0..<Self.lifetime).contains(now.rawValue - last.time.rawValue) {
            return last.error
        }
        var problem: ScopeError?
        do {
            try await check()
        } catch let error as ScopeError {
            problem = error
        } catch {
            problem = ScopeError(.internalError, "The workspace cannot be checked.")
        }
        if let problem { logger.error("not ready", metadata: ["reason": "\(problem.description)"]) }
        last.withLock { [problem] in $0 = Answer(time: now, error: problem) }
        return problem
    }
}
