import DurabilityHistory
import Glibc
import RepeatableRandomness
import Testing

@Suite("Processes that are killed or paused", .serialized)
struct KillTests {
    struct WorkerIsSilent: Error {}

    /// Reads what the workers tell.
    private func read(_ workers: [WorkerProcess], into lines: inout [HistoryLine]) throws -> [Int] {
        WorkerProcess.wait(for: workers, milliseconds: 60_000)
        let new = workers.map { $0.lines() }
        guard new.contains(where: { !$0.isEmpty }) else { throw WorkerIsSilent() }
        lines += new.joined()
        return new.map(\.count)
    }

    private func check(_ store: SharedStore, _ lines: [HistoryLine]) async throws -> Int {
        let result = try await store.result()
        #expect(result.problems == [])
        try HistoryChecker(lines: lines, record: result.record, values: result.values).check()
        return result.record.count
    }

    /// Two processes; whichever has told as many lines as chosen for it is killed in the middle of whatever it does, and
    /// a new one takes its place.
    @Test func everythingAcknowledgedIsThereAfterAHundredKills() async throws {
        let store = try await SharedStore()
        var random = SeededGenerator(seed: TestSettings.seed)
        var workers = [try store.worker(0, seed: random.next()), try store.worker(1, seed: random.next())]
        var remaining = workers.map { _ in Int.random(in: 1...120, using: &random) }
        var lines: [HistoryLine] = []
        var kills = 0
        while kills < 100 * TestSettings.scale {
            for (index, count) in try read(workers, into: &lines).enumerated() {
                remaining[index] -= count
                guard remaining[index] <= 0 else { continue }
                lines += workers[index].killed()
                kills += 1
                workers[index] = try store.worker(kills + 1, seed: random.next())
                remaining[index] = Int.random(in: 1...120, using: &random)
            }
        }
        for worker in workers { lines += worker.killed() }
        let calls = try await check(store, lines)
        print("kills: \(kills), with \(calls) recorded calls, seed \(TestSettings.seed)")
    }

    /// Now and then one of two processes is stopped, the other goes on as far as it can, and the first one is continued
    /// or killed.
    @Test func aHistoryWithPausesAndKillsHolds() async throws {
        let store = try await SharedStore()
        var random = SeededGenerator(seed: TestSettings.seed &+ 1)
        var workers = [try store.worker(0, seed: random.next()), try store.worker(1, seed: random.next())]
        var lines: [HistoryLine] = []
        var started = workers.count
        for round in 0..<40 * TestSettings.scale {
            var remaining = Int.random(in: 1...80, using: &random)
            while remaining > 0 { remaining -= try read(workers, into: &lines).reduce(0, +) }
            let index = Int.random(in: 0...1, using: &random)
            workers[index].send(SIGSTOP)
            // It may hold the lock: then the other one stands still too.
            WorkerProcess.wait(for: [workers[1 - index]], milliseconds: 20)
            lines += workers[1 - index].lines()
            if round.isMultiple(of: 4) {
                lines += workers[index].killed()
                workers[index] = try store.worker(started, seed: random.next())
                started += 1
            } else {
                workers[index].send(SIGCONT)
            }
        }
        for worker in workers { lines += worker.killed() }
        let calls = try await check(store, lines)
        print("history: \(calls) recorded calls of \(started) processes, seed \(TestSettings.seed)")
    }
}
