import Foundation

/// One row of the table.
struct Measurement: CustomStringConvertible {
    var what: String
    /// How many a second.
    var rate: Double

    static let header = "what".padding(toLength: 64, withPad: " ", startingAt: 0) + "       per s         µs each"

    var description: String {
        what.padding(toLength: 64, withPad: " ", startingAt: 0)
            + String(format: "%12.0f %15.1f", rate, 1_000_000 / rate)
    }

    /// The best of `rounds` rounds of `count` repetitions: the one that the machine's other work disturbed least.
    static func best(
        _ what: String, of rounds: Int = 5, count: Int, _ body: () async throws -> Void
    ) async rethrows -> Measurement {
        var best = Duration.seconds(1_000_000)
        for _ in 0..<rounds {
            best = try await min(best, ContinuousClock().measure { try await body() })
        }
        return Measurement(what: what, rate: Double(count) / (best / .seconds(1)))
    }
}
