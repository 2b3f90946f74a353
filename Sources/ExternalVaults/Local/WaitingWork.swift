internal import Processes
internal import Synchronization

/// Does work that waits for the system: on threads of its own, of which there are only so many at a time, and for no longer
/// than the caller's patience.
///
/// A thread that hangs in the system, on a network file system that is gone say, keeps its place until it comes back; those
/// who waited for it are told that their time is over.
final class WaitingWork: Sendable {
    private struct State {
        var free: Int
        var next: UInt64 = 0
        /// Those who wait for a place, by their turn.
        var waiting: [UInt64: CheckedContinuation<Bool, Never>] = [:]
    }

    private let state: Mutex<State>

    /// - Parameter places: The most threads at a time.
    init(places: Int) {
        self.state = Mutex(State(free: places))
    }

    /// The result of `body`, which is done on a thread that lasts until it has ended.
    func run<R: Sendable>(
        until deadline: ContinuousClock.Instant, _ body: @escaping @Sendable () -> Result<R, VaultFailure>
    ) async throws(VaultFailure) -> R {
        guard await takePlace(until: deadline) else { throw VaultFailure(.deadlinePassed) }
        let result: Result<R, VaultFailure> = await withCheckedContinuation { continuation in
            let ending = FirstResult(continuation)
            let alarm = Task {
                guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else { return }
                ending.resume(.failure(VaultFailure(.deadlinePassed)))
            }
            DedicatedThread.start {
                let result = body()
                self.givePlaceBack()
                alarm.cancel()
                ending.resume(result)
            }
        }
        return try result.get()
    }

    private func takePlace(until deadline: ContinuousClock.Instant) async -> Bool {
        guard deadline > .now else { return false }
        let turn = state.withLock { state -> UInt64? in
            if state.free > 0 {
                state.free -= 1
                return nil
            }
            state.next += 1
            return state.next
        }
        guard let turn else { return true }
        let alarm = Task {
            try? await Task.sleep(until: deadline, clock: .continuous)
            self.state.withLock { $0.waiting.removeValue(forKey: turn) }?.resume(returning: false)
        }
        defer { alarm.cancel() }
        return await withCheckedContinuation { continuation in
            let isFree =
                state.withLock { state in
                    // One may have become free since, or the time may be over, and the alarm have found nobody.
                    if state.free > 0 {
                        state.free -= 1
                        return true
                    }
                    if deadline > .now { state.waiting[turn] = continuation }
                    return deadline > .now ? nil : false
                } as Bool?
            if let isFree { continuation.resume(returning: isFree) }
        }
    }

    private func givePlaceBack() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard let first = state.waiting.keys.min() else {
                state.free += 1
                return nil
            }
            return state.waiting.removeValue(forKey: first)
        }
        next?.resume(returning: true)
    }
}
