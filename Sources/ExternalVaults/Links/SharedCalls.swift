internal import Synchronization

/// Calls that several callers may wait for at a time: those who ask for the same while one is on its way wait for that.
final class SharedCalls<Value: Sendable>: Sendable {
    private let running = Mutex<[KeptValues.Place: Task<Result<Value, VaultFailure>, Never>]>([:])

    /// Makes the call, or waits for the one that is on its way.
    ///
    /// - Parameter work: It ends by itself: others may wait for it.
    func call(
        _ place: KeptValues.Place, _ work: @escaping @Sendable () async throws(VaultFailure) -> Value
    ) async throws(VaultFailure) -> Value {
        let task = running.withLock { running in
            if let task = running[place] { return task }
            let task = Task<Result<Value, VaultFailure>, Never> { [self] in
                let result = await Self.result(of: work)
                // Before anybody is told: who asks from now on wants to know how it is now.
                _ = self.running.withLock { $0.removeValue(forKey: place) }
                return result
            }
            running[place] = task
            return task
        }
        return try await task.value.get()
    }

    private static func result(
        of work: @Sendable () async throws(VaultFailure) -> Value
    ) async -> Result<Value, VaultFailure> {
        do throws(VaultFailure) {
            return .success(try await work())
        } catch {
            return .failure(error)
        }
    }
}
