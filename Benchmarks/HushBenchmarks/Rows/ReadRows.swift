import Foundation

/// Reads in process: each of them is decided, recorded and durable before the value is handed over.
struct ReadRows {
    let size: BenchmarkSize
    let stores: StoreCache
    /// This program.
    let executable: String

    private static let callers = 64

    func measure() async throws -> [BenchmarkRow] {
        let few = try await warmedUp(.few)
        let record = try await warmedUp(.record)
        let many = try await warmedUp(.many)
        let fewCeiling = try StoreCeiling(copyOf: few)
        let recordCeiling = try StoreCeiling(copyOf: record)
        let memory = try memoryOfReading(many)
        let openFew = try await few.open()
        let openRecord = try await record.open()
        let openMany = try await many.open()

        let each = size.callsPerCaller
        let count = Self.callers * each
        let rates = try await Interleaving.measure(
            rounds: size.rounds,
            [
                { try fewCeiling.insertEvents(count, perCommit: Self.callers) },
                { try await openFew.read(callers: Self.callers, each: each) },
                { try recordCeiling.insertEvents(count, perCommit: Self.callers) },
                { try await openRecord.read(callers: Self.callers, each: each) },
                { try await openMany.read(callers: Self.callers, each: each) },
            ]
        )
        let single = size.singleCalls
        let latencies = try await Interleaving.measure(
            rounds: 2 * size.rounds,
            [
                { 1 / (try fewCeiling.insertEvents(single, perCommit: 1)) },
                { 1 / (try await openFew.read(callers: 1, each: single)) },
            ]
        )
        let events = size.events.grouped
        let secrets = many.secretCount.grouped
        return [
            .rate("audited get, 64 callers, empty record", rates[1], of: rates[0], atLeast: 60),
            .rate("audited get, 64 callers, \(events) events", rates[3], of: rates[2], atLeast: 60),
            .rate("  the same beside the empty record", rates[3], of: rates[1], atLeast: 70),
            .duration("audited get, 1 caller", latencies[1], of: latencies[0], atMost: 1.5),
            .rate("get among \(secrets) secrets, beside 10", rates[4], of: rates[1], atLeast: 80),
            .bytes("  memory after \(size.scatteredReads.grouped) reads all over them", memory, atMost: 100 << 20),
        ]
    }

    /// A copy in which the ten secrets were read before, and which nobody has open.
    private func warmedUp(_ kind: StoreCache.Kind) async throws -> WorkingStore {
        let store = try await stores.workingCopy(of: kind)
        _ = try await store.open().read(callers: Self.callers, each: 20)
        return store
    }

    private func memoryOfReading(_ store: WorkingStore) throws -> Int {
        let child = ChildProcess(
            arguments: [executable, "read", "--reads", String(size.scatteredReads), store.folder], environment: [])
        let output = try child.output().split(separator: "\n").last ?? ""
        guard let bytes = Int(output) else { throw ChildProcessFailure("The reading process did not tell its memory.") }
        return bytes
    }
}
