import Synchronization

@testable import ExternalVaults

/// A clock that stands still until it is set forward.
final class SetClock: SteadyClock {
    private let time = Mutex(ContinuousClock.now)

    func now() -> ContinuousClock.Instant { time.withLock { $0 } }

    func advance(by duration: Duration) {
        time.withLock { $0 += duration }
    }
}
