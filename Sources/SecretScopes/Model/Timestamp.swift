import Glibc

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Hashable, Comparable, Sendable, RawRepresentable {
    /// Milliseconds since the epoch.
    public let rawValue: Int64

    /// Creates a timestamp from milliseconds since the epoch.
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// The timestamp `duration` later, or earlier when it is negative.
    public func advanced(by duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        return Timestamp(rawValue: rawValue + seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }

    /// Orders timestamps by time.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Tells the time of day.
public protocol WallClock: Sendable {
    /// The current time.
    func now() -> Timestamp
}

/// The machine's own clock.
public struct SystemWallClock: WallClock {
    /// Creates the clock.
    public init() {}

    /// The current time.
    public func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(rawValue: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
