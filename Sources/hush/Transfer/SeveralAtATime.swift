/// Does work for many things, some at a time, and begins nothing more once it is told so.
struct SeveralAtATime {
    /// How many are under way at most.
    let width: Int

    /// Does `work` for all of `indices`, begun in their order.
    ///
    /// - Parameter didEnd: Called for each that ended, one after the other; `false` begins no more, and waits for those
    ///   that are under way.
    /// - Throws: What `didEnd` throws, when all that is under way has ended.
    func run<Result: Sendable>(
        _ indices: [Int],
        _ work: @escaping @Sendable (Int) async throws -> Result,
        didEnd: (Int, Swift.Result<Result, any Error>) throws -> Bool
    ) async throws {
        try await withThrowingTaskGroup(of: (Int, Swift.Result<Result, any Error>).self) { group in
            var waiting = indices[...]
            func begin() {
                guard let index = waiting.popFirst() else { return }
                group.addTask {
                    do {
                        return (index, .success(try await work(index)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            for _ in 0..<width { begin() }
            var goesOn = true
            while let (index, result) = try await group.next() {
                goesOn = try didEnd(index, result) && goesOn
                if goesOn { begin() }
            }
        }
    }
}
