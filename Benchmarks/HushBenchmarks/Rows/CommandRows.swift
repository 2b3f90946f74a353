/// One-shot commands.
struct CommandRows {
    let size: BenchmarkSize
    let stores: StoreCache
    let hush: String
    /// This program.
    let executable: String

    func measure() async throws -> [BenchmarkRow] {
        let store = try await stores.workingCopy(of: .few)
        let open = try await store.open()
        guard let place = open.places.first else { return [] }
        _ = try await open.read(callers: 64, each: 10)
        return try await alone(store, place) + besideLoad(store, place)
    }

    private func alone(_ store: WorkingStore, _ place: (scope: String, key: String)) async throws -> [BenchmarkRow] {
        let get = command(["secrets", "get-secret", place.scope, place.key], in: store)
        let version = command(["--version"], in: store)
        let ceiling = try StoreCeiling(copyOf: store)
        let times = try await Interleaving.measure(
            rounds: size.processes,
            [
                { try version.time().seconds },
                { 1 / (try ceiling.insertEvents(1, perCommit: 1)) },
                { try get.time().seconds },
            ]
        )
        let least = zip(times[0], times[1]).map { $0 + $1 }
        return [
            .duration("one-shot get, key file, beside --version and a commit", times[2], of: least, atMost: 1.6)
        ]
    }

    private func besideLoad(
        _ store: WorkingStore, _ place: (scope: String, key: String)
    ) async throws -> [BenchmarkRow] {
        let get = command(["secrets", "get-secret", place.scope, place.key], in: store)
        let load = ChildProcess(arguments: [executable, "saturate", store.folder], environment: [])
        let times = try await load.running {
            try (0..<size.processesBesideLoad).map { _ in try get.time().seconds }
        }
        return [
            .duration("one-shot gets beside a saturated engine, p99", times.percentile(99), atMost: 0.025),
            .duration("  the same, median", times.median),
        ]
    }

    private func command(_ arguments: [String], in store: WorkingStore) -> ChildProcess {
        ChildProcess(
            arguments: [hush] + arguments,
            environment: ["HUSH_HOME=\(store.folder)", "HOME=\(store.folder)", "PATH=/usr/bin:/bin"]
        )
    }
}
