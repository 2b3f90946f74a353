import Synchronization

/// How long calls took, each by itself, and how many a second that made.
struct CallTimes {
    /// Calls a second.
    var rate: Double
    /// How long a call took that half of them did not exceed, in seconds.
    var median: Double
    /// How long a call took that 99 of 100 did not exceed, in seconds.
    var percentile99: Double

    /// Makes calls with so many callers at the same time, each so often.
    ///
    /// - Parameter call: Is given the numbers of the caller and of its call.
    static func of(
        callers: Int, each: Int, _ call: @escaping @Sendable (Int, Int) async throws -> Void
    ) async throws -> CallTimes {
        let all = Mutex<[Double]>([])
        let rate = try await Rate.of(callers * each) {
            try await ConcurrentCallers.run(callers) { caller in
                var times: [Double] = []
                for number in 0..<each {
                    let begin = ContinuousClock.now
                    try await call(caller, number)
                    times.append((ContinuousClock.now - begin).seconds)
                }
                all.withLock { $0 += times }
            }
        }
        let times = all.withLock { $0 }
        return CallTimes(rate: rate, median: times.median, percentile99: times.percentile(99))
    }
}
