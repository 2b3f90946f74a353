import Glibc
import Synchronization

/// A line on standard error that says how far a long step has come: moving on a terminal, once elsewhere.
final class ProgressLine: Sendable {
    private let what: String
    private let total: Int
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let start = ContinuousClock.now
    private let lastShown = Mutex(ContinuousClock.now - .seconds(1))

    /// Begins a step of `total` units.
    init(_ what: String, of total: Int) {
        self.what = what
        self.total = total
        if !isTerminal { Self.write("\(what)…\n") }
    }

    /// Shows that `done` units are done, a few times a second.
    func show(_ done: Int) {
        let now = ContinuousClock.now
        let isDue = lastShown.withLock { last in
            guard now - last > .milliseconds(200) else { return false }
            last = now
            return true
        }
        guard isTerminal, isDue else { return }
        let seconds = (now - start).seconds
        let percent = total > 0 ? done * 100 / total : 100
        let rate = seconds > 0 ? Int(Double(done) / seconds) : 0
        Self.write("\r\u{1B}[K\(what): \(done) of \(total) (\(percent) %), \(rate) a second")
    }

    /// Takes the line away.
    func end() {
        if isTerminal { Self.write("\r\u{1B}[K") }
    }

    private static func write(_ text: String) {
        var text = text
        // Progress that cannot be shown is no reason to stop.
        _ = text.withUTF8 { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
