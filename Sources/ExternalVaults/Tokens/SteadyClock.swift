/// Tells how much time goes by, whatever is done to the time of day: what tokens are kept by.
package protocol SteadyClock: Sendable {
    /// The present.
    func now() -> ContinuousClock.Instant
}

/// The machine's own.
package struct SystemSteadyClock: SteadyClock {
    package init() {}

    package func now() -> ContinuousClock.Instant { .now }
}
