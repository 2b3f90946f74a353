/// Waiting for work that several wait for: each no longer than its own patience, while the work goes on for the others.
enum SharedWait {
    /// The result of `task`; `nil` when the time is over before.
    static func result<Value: Sendable>(
        of task: Task<Value, any Error>, until deadline: ContinuousClock.Instant
    ) async -> Result<Value, any Error>? {
        await withCheckedContinuation { continuation in
            let ending = FirstResult<Result<Value, any Error>?>(continuation)
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
