import Synchronization

/// How often each of many sources may do something: so many times at once, and once more with every interval that passes.
///
/// It keeps a bounded number of sources in memory.
package final class RequestAllowance<Source: Hashable & Sendable>: Sendable {
    private struct Account {
        var left: Double
        var updated: Timestamp
    }

    /// The most sources that are told apart; when there are more, those that have everything left are forgotten, and
    /// newcomers share one account if there are none.
    private static var mostSources: Int { 10_000 }

    private let burst: Double
    private let interval: Duration
    private let clock: any WallClock
    private let accounts = Mutex<[Source?: Account]>([:])

    /// Creates an allowance of `burst` times at once, and one more after each `interval`.
    package init(burst: Int, interval: Duration, clock: any WallClock) {
        self.burst = Double(burst)
        self.interval = interval
        self.clock = clock
    }

    /// Counts one of `source`'s; returns the whole seconds after which it may come back when it has none left.
    package func take(by source: Source) -> Int? {
        let now = clock.now()
        return accounts.withLock { all in
            if all.count >= Self.mostSources, all[source] == nil {
                all = all.filter { left(of: $0.value, at: now) < burst }
            }
            let name: Source? = all.count >= Self.mostSources && all[source] == nil ? nil : source
            var account = all[name] ?? Account(left: burst, updated: now)
            account.left = left(of: account, at: now)
            account.updated = now
            let isAllowed = account.left >= 1
            if isAllowed { account.left -= 1 }
            all[name] = account
            guard !isAllowed else { return nil }
            return max(1, Int(((1 - account.left) * (interval / .seconds(1))).rounded(.up)))
        }
    }

    private func left(of account: Account, at now: Timestamp) -> Double {
        let passed = Double(max(0, now.rawValue - account.updated.rawValue)) / (interval / .milliseconds(1))
        return min(burst, account.left + passed)
    }
}
