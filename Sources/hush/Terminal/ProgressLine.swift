import Synchronization

/// A line on a terminal that tells how far a long command has come, and is written over. Elsewhere it shows nothing.
final class ProgressLine: Sendable {
    private let output: TextOutput
    private let lastShown = Mutex<ContinuousClock.Instant?>(nil)

    init(on output: TextOutput) {
        self.output = output
    }

    /// Shows `text`, unless the line was changed a moment ago.
    func show(_ text: @autoclosure () -> String) {
        guard output.isTerminal else { return }
        let now = ContinuousClock.now
        let isDue = lastShown.withLock { last in
            if let last, now - last < .milliseconds(100) { return false }
            last = now
            return true
        }
        if isDue { try? output.write("\r" + text() + "\u{1B}[K") }
    }

    /// Takes the line away.
    func clear() {
        if lastShown.withLock({ $0 != nil }) { try? output.write("\r\u{1B}[K") }
    }
}
