internal import Synchronization

/// Calls that several callers may wait for at a time: those who ask for the same while one is on its way wait for that.
///
/// Whoever comes first makes the call, as long as it has patience. When that ends before the call does, the others, who may
/// have more, make one of their own.
final class SharedCalls<Value: Sendable>: Sendable {
    /// How a call ended for those who waited for it.
    private enum Ending {
        case result(Result<Value, VaultFailure>)
        /// The one who made it had no more patience, or was cancelled: that tells nothing of the vault.
        case givenUp
        /// The patience of the one who waits is over.
        case patienceOver
        /// It ended before it could be waited for.
        case unknown
    }

    private struct Running {
        /// When the patience of the one who makes the call ends.
        var end: ContinuousClock.Instant
        var waiting: [FirstResult<Ending>] = []
    }

    /// With less patience than this, nobody begins again what somebody else gave up.
    private static var leastPatience: Duration { .milliseconds(50) }

    private let running = Mutex<[KeptValues.Place: Running]>([:])

    /// Makes the call, or waits for the one that is on its way.
    ///
    /// - Parameters:
    ///   - deadline: When this caller's patience ends.
    ///   - work: The call, which ends by the deadline.
    func call(
        _ place: KeptValues.Place, until deadline: ContinuousClock.Instant,
        _ work: () async throws(VaultFailure) -> Value
    ) async throws(VaultFailure) -> Value {
        var leastPatience = Duration.zero
        while ContinuousClock.now + leastPatience < deadline {
            let isFirst = running.withLock { running in
                guard running[place] == nil else { return false }
                running[place] = Running(end: deadline)
                return true
            }
            if isFirst { return try await make(place, until: deadline, work) }
            switch await ending(place, until: deadline) {
            case .result(let result): return try result.get()
            case .givenUp: leastPatience = Self.leastPatience
            case .patienceOver: throw VaultFailure(.deadlinePassed)
            case .unknown: break
            }
        }
        throw VaultFailure(.deadlinePassed)
    }

    private func make(
        _ place: KeptValues.Place, until deadline: ContinuousClock.Instant,
        _ work: () async throws(VaultFailure) -> Value
    ) async throws(VaultFailure) -> Value {
        let result: Result<Value, VaultFailure>
        do throws(VaultFailure) {
            result = .success(try await work())
        } catch {
            result = .failure(error)
        }
        // Before anybody is told: who asks from now on wants to know how it is now.
        let waiting = running.withLock { $0.removeValue(forKey: place)?.waiting ?? [] }
        let isGivenUp =
            if case .failure(let failure) = result {
                failure.reason == .deadlinePassed && (deadline <= .now || Task.isCancelled)
            } else {
                false
            }
        for waiter in waiting { waiter.resume(isGivenUp ? .givenUp : .result(result)) }
        return try result.get()
    }

    /// Waits for the end of the call that is on its way.
    private func ending(_ place: KeptValues.Place, until deadline: ContinuousClock.Instant) async -> Ending {
        var alarm: Task<Void, Never>?
        defer { alarm?.cancel() }
        return await withCheckedContinuation { continuation in
            let waiter = FirstResult<Ending>(continuation)
            let end = running.withLock { running in
                running[place]?.waiting.append(waiter)
                return running[place]?.end
            }
            guard let end else { return waiter.resume(.unknown) }
            // The one who makes it has less patience: its end comes in time.
            guard deadline < end else { return }
            alarm = Task {
                guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else { return }
                waiter.resume(.patienceOver)
            }
        }
    }
}
