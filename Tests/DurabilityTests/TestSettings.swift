import Foundation

/// What `make torture` sets and `make test` leaves as it is.
enum TestSettings {
    /// The seed of everything that is chosen at random. What SQLite writes also depends on keys and ids, which are
    /// random themselves; what failed is therefore kept on disk.
    static let seed = environment("TORTURE_SEED") ?? 0x4875_7368
    /// How many times as much is tried.
    static let scale = Int(environment("TORTURE_SCALE") ?? 1)

    private static func environment(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }
}
