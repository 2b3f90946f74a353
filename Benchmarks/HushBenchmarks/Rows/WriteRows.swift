/// Puts in process.
struct WriteRows {
    let size: BenchmarkSize
    let stores: StoreCache

    private static let callers = 64

    func measure() async throws -> [BenchmarkRow] {
        let store = try await stores.workingCopy(of: .few)
        // Until every secret has as many versions as are kept.
        _ = try await store.open().put(callers: Self.callers, each: 20)
        let ceiling = try StoreCeiling(copyOf: store)
        let open = try await store.open()
        let each = size.callsPerCaller / 4
        let rates = try await Interleaving.measure(
            rounds: size.rounds,
            [
                { try ceiling.put(Self.callers * each, perCommit: Self.callers) },
                { try await open.put(callers: Self.callers, each: each) },
            ]
        )
        return [.rate("put, 64 callers, values of 32 bytes", rates[1], of: rates[0], atLeast: 50)]
    }
}
