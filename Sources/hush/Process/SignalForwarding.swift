import Glibc
import Runs
import Synchronization

/// A command that executes another one, which is sent the signals that this process receives.
protocol ForwardingCommand: CancellableCommand {}

/// Passes signals on to a child, while there is one.
final class SignalForwarding: Sendable {
    /// What is taken beside the signals that ask the process to end, when there is somebody to pass them on to.
    static let furtherNumbers = [SIGWINCH, SIGCHLD, SIGTSTP, SIGCONT, SIGUSR1, SIGUSR2]

    private let target = Mutex<ChildSignals?>(nil)

    /// Passes signals on to `signals` while `body` runs.
    func passing<Result>(to signals: ChildSignals, _ body: () async throws -> Result) async throws -> Result {
        target.withLock { $0 = signals }
        defer { target.withLock { $0 = nil } }
        return try await body()
    }

    /// Passes a signal on, or does what it asks of this process alone; `false` when it is to end the process.
    func take(_ number: Int32) -> Bool {
        let target = target.withLock { $0 }
        if let target {
            target.send(number)
            return true
        }
        switch number {
        case SIGWINCH, SIGCHLD, SIGCONT: return true
        case SIGTSTP: return kill(getpid(), SIGSTOP) == 0
        default: return false
        }
    }
}
