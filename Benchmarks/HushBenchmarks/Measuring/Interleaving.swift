/// Takes turns, so that what else the machine does meets all contenders alike.
enum Interleaving {
    /// Runs the contenders one after the other, `rounds` times, after one round that does not count.
    ///
    /// - Returns: For each contender what it measured in each round.
    static func measure<Result>(
        rounds: Int, _ contenders: [() async throws -> Result]
    ) async throws -> [[Result]] {
        var results = contenders.map { _ in [Result]() }
        for round in 0...rounds {
            for (index, contender) in contenders.enumerated() {
                let result = try await contender()
                if round > 0 { results[index].append(result) }
            }
        }
        return results
    }
}

extension [Double] {
    /// The middle value; of an even number the lower one of the two in the middle.
    var median: Double { percentile(50) }

    /// The value that `percent` of all do not exceed.
    func percentile(_ percent: Int) -> Double {
        guard !isEmpty else { return .nan }
        let rank = (count * percent + 99) / 100
        return sorted()[Swift.max(rank, 1) - 1]
    }

    /// The middle one of the ratios of each round.
    func medianRatio(to other: [Double]) -> Double {
        zip(self, other).map { $0 / $1 }.median
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { self / .seconds(1) }
}
