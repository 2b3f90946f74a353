import Synchronization

/// What a command does when it gets SIGHUP, instead of being stopped by it.
final class Hangups: Sendable {
    private let action = Mutex<(@Sendable () -> Void)?>(nil)

    /// Sets what is done from now on.
    func handle(_ action: @escaping @Sendable () -> Void) {
        self.action.withLock { $0 = action }
    }

    /// Does it; `false` when nothing was set.
    func deliver() -> Bool {
        guard let action = action.withLock({ $0 }) else { return false }
        action()
        return true
    }
}
