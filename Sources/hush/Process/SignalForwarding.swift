import Dispatch
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
    private let continued = DispatchSemaphore(value: 0)

    /// Passes signals on to `signals` while `body` runs.
    func passing<Result>(to signals: ChildSignals, _ body: () async throws -> Result) async throws -> Result {
        target.withLock { $0 = signals }
        defer { target.withLock { $0 = nil } }
        return try await body()
    }

    /// Stops the processes that `receivers` stands for in kill(2), this one among them, and returns when this one is to
    /// go on.
    ///
    /// The kernel may stop the process only after `kill` has returned in the thread that called it, so what comes
    /// afterwards waits for `SIGCONT`, not for `kill`. Where that signal is ignored, it never comes: a second is enough
    /// to be stopped in, and is long over when the process goes on.
    func stop(_ receivers: pid_t) {
        while continued.wait(timeout: .now()) == .success {}
        guard kill(receivers, SIGSTOP) == 0 else { return }
        _ = continued.wait(timeout: .now() + .seconds(1))
    }

    /// Passes a signal on, or does what it asks of this process alone; `false` when it is to end the process.
    func take(_ number: Int32) -> Bool {
        if number == SIGCONT { continued.signal() }
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
