import Synchronization

/// Keeps what happens again and again from filling the audit record: of one source, one event a minute is recorded, with
/// the number of those that came since the last recorded one.
final class MinuteCounts<Source: Hashable & Sendable>: Sendable {
    private struct Count {
        var minute: Int64
        var unrecorded: Int
    }

    /// The most sources that are told apart; beyond it they share one count.
    private static var mostSources: Int { 10_000 }

    private let counts = Mutex<[Source?: Count]>([:])

    /// Counts one; returns how many to record now, or `nil` when this minute has its record already.
    func count(_ source: Source, at now: Timestamp) -> Int? {
        let minute = now.rawValue / 60_000
        return counts.withLock { counts in
            if counts.count >= Self.mostSources, counts[source] == nil {
                counts = counts.filter { $0.value.minute == minute }
            }
            let name: Source? = counts.count >= Self.mostSources && counts[source] == nil ? nil : source
            guard let known = counts[name], known.minute == minute else {
                let count = (counts[name]?.unrecorded ?? 0) + 1
                counts[name] = Count(minute: minute, unrecorded: 0)
                return count
            }
            counts[name] = Count(minute: minute, unrecorded: known.unrecorded + 1)
            return nil
        }
    }
}
