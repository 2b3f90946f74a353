internal import Synchronization

/// Waiting for work that several wait for: each no longer than its own patience, while the work goes on for the others.
enum SharedWait {
    /// Goes on once, with whatever comes first.
    private final class Ending<Value: Sendable>: Sendable {
        private let continuation: Mutex<CheckedContinuation<Value, Never>?>

        init(_ continuation: CheckedContinuation<Value, Never>) {
            self.continuation = Mutex(continuation)
        }

        func resume(_ value: Value) {
            let continuation = continuation.withLock { continuation in
                defer { continuation = nil }
                return continuation
            }
            continuation?.resume(returning: value)
        }
    }

    /// The result of `task`; `nil` when the time is over before.
    static func result<Value: Sendable>(
        of task: Task<Value, any Error>, until deadline: ContinuousClock.Instant
    ) async -> Result<Value, any Error>? {
        await withCheckedContinuation { continuation in
            let ending = Ending<Result<Value, any Error>?>(continuation)
            let alarm = Task {
                guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else { return }
                ending.resume(nil)
            }
            Task {
                let result = await task.result
                alarm.cancel()
                ending.resume(result)
            }
        }
    }
}
