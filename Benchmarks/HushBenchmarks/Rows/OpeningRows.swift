/// Opening a workspace.
struct OpeningRows {
    let size: BenchmarkSize
    let stores: StoreCache

    func measure() async throws -> [BenchmarkRow] {
        let few = try await stores.workingCopy(of: .few)
        let many = try await stores.workingCopy(of: .many)
        let times = try await Interleaving.measure(
            rounds: size.processes,
            [{ try await time(few) }, { try await time(many) }]
        )
        let secrets = many.secretCount.grouped
        return [.duration("opening a store of \(secrets) secrets, beside 10", times[1], of: times[0], atMost: 1.5)]
    }

    private func time(_ store: WorkingStore) async throws -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        let open = try await store.open()
        let seconds = (clock.now - start).seconds
        withExtendedLifetime(open) {}
        return seconds
    }
}
