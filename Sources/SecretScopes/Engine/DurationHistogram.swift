/// How often something took how long.
public struct DurationHistogram: Sendable, Hashable {
    /// The upper bounds of the classes, in seconds.
    public static let bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5]

    /// How many took at most as long as the bound at the same position.
    public private(set) var counts = [Int64](repeating: 0, count: bounds.count)
    /// How many there were.
    public private(set) var count: Int64 = 0
    /// How many seconds they took together.
    public private(set) var seconds = 0.0

    /// Creates a histogram of nothing.
    public init() {}

    /// Counts one.
    public mutating func add(_ duration: Duration) {
        let seconds = duration / .seconds(1)
        for (position, bound) in Self.bounds.enumerated() where seconds <= bound { counts[position] += 1 }
        count += 1
        self.seconds += seconds
    }
}
