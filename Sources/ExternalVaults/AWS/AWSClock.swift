internal import SecretScopes
internal import Synchronization

/// The time as AWS' servers see it: signatures with another time than theirs, by more than five minutes, are refused.
final class AWSClock: Sendable {
    private let clock: any WallClock
    /// How many milliseconds the servers are ahead of this machine.
    private let offset = Mutex<Int64>(0)

    init(_ clock: any WallClock) {
        self.clock = clock
    }

    /// The time to sign with.
    func now() -> Timestamp {
        Timestamp(rawValue: clock.now().rawValue + offset.withLock { $0 })
    }

    /// Goes by the time that an answer was sent at.
    ///
    /// - Returns: Whether the answer tells it.
    func follow(_ answer: VaultAnswer) -> Bool {
        guard let time = answer.header("date").flatMap({ HTTPDate.timestamp($0) }) else { return false }
        offset.withLock { $0 = time.rawValue - clock.now().rawValue }
        return true
    }
}
