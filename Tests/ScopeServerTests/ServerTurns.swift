/// Lets few servers run at a time. All tests begin at once, and each server takes dozens of descriptors and some threads;
/// with more than about 1,300 descriptors open, Foundation's `Process` writes beyond its memory.
actor ServerTurns {
    static let shared = ServerTurns(count: 8)

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    private init(count: Int) {
        free = count
    }

    /// Does `body` when it is its turn. A test must not ask for a second turn inside.
    nonisolated func take<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        await begin()
        do {
            let result = try await body()
            await end()
            return result
        } catch {
            await end()
            throw error
        }
    }

    private func begin() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func end() {
        guard waiting.isEmpty else {
            waiting.removeFirst().resume()
            return
        }
        free += 1
    }
}
