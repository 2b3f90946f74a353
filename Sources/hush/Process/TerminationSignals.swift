import Glibc
import Synchronization

/// A command that takes care of its end itself when it is asked to stop: its task is cancelled first.
protocol CancellableCommand: ProgramCommand {}

/// The signals that ask the process to end. They are taken on one thread, outside any handler, so that a terminal
/// whose echo is off can be restored and a run can end its child.
///
/// The threads that exist before this is made do not count on it: it must be made on the main thread while that is the
/// only one.
final class TerminationSignals: Sendable {
    private let numbers: [Int32]
    private struct State {
        var isDone = false
        /// The signal because of which the command was asked to stop.
        var reason: Int32?
    }

    private let state = Mutex(State())

    /// Keeps the signals from every thread that is started from now on. Those that the process was started to ignore,
    /// as by nohup(1), stay ignored.
    ///
    /// - Parameter further: What to take beside the signals that ask the process to end.
    init(and further: [Int32] = []) {
        numbers = ([SIGINT, SIGTERM, SIGHUP, SIGQUIT] + further).filter { number in
            var action = sigaction()
            sigaction(number, nil, &action)
            return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
                != unsafeBitCast(SIG_IGN, to: Int.self)
        }
        var set = Self.set(of: numbers)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Waits for the signals, for the rest of the process's life.
    ///
    /// - Parameters:
    ///   - terminal: Restored when one comes.
    ///   - take: Is asked first: a signal that it takes changes nothing here.
    ///   - cancel: Asks the command to stop; `false` when it cannot. A second signal ends the process at once.
    func wait(restoring terminal: TerminalGuard, taking take: (Int32) -> Bool, cancel: () -> Bool) -> Never {
        var set = Self.set(of: numbers)
        while true {
            var number: Int32 = 0
            guard !numbers.isEmpty, sigwait(&set, &number) == 0 else {
                pause()
                continue
            }
            if take(number) { continue }
            terminal.restore()
            let isFirst = state.withLock { state in
                // The command is done, and the process is about to exit with its status.
                guard !state.isDone else { return true }
                defer { state.reason = number }
                return state.reason == nil
            }
            if !isFirst || !cancel() { Self.die(of: number) }
        }
    }

    /// The command is done: from now on signals change nothing. Ends the process when the command was asked to stop.
    func commandDidEnd() {
        let reason = state.withLock { state in
            state.isDone = true
            return state.reason
        }
        if let reason { Self.die(of: reason) }
    }

    /// Ends the process by a signal, so that whoever waits for it sees that.
    static func die(of number: Int32) -> Never {
        signal(number, SIG_DFL)
        var set = Self.set(of: [number])
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        raise(number)
        // Only when the signal was not deadly after all.
        exit(128 + number)
    }

    private static func set(of numbers: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        return set
    }
}
