import Foundation
import SecretScopes

/// Questions to a large record.
struct RecordRows {
    let size: BenchmarkSize
    let stores: StoreCache
    let hush: String

    func measure() async throws -> [BenchmarkRow] {
        let store = try await stores.workingCopy(of: .record)
        let events = size.events.grouped
        return try await whoRead(store, events) + verify(store, events)
    }

    private func whoRead(_ store: WorkingStore, _ events: String) async throws -> [BenchmarkRow] {
        let open = try await store.open()
        let services = try open.services()
        guard let place = open.places.first else { return [] }
        let one = command(["audit", "who-read", place.scope, place.key], in: store)
        let all = command(["audit", "who-read", place.scope], in: store)
        let times = try await Interleaving.measure(
            rounds: size.processes / 2,
            [
                { try one.time().seconds },
                { try all.time().seconds },
                {
                    try await ContinuousClock().measure {
                        _ = try await services.readers(scope: place.scope, key: place.key)
                    }.seconds
                },
            ]
        )
        return [
            .duration("who-read of a secret, \(events) events, command", times[0].median, atMost: 0.05),
            .duration("who-read of a scope, \(events) events, command", times[1].median, atMost: 0.05),
            .duration("  who-read of a secret, in process", times[2].median),
        ]
    }

    private func verify(_ store: WorkingStore, _ events: String) async throws -> [BenchmarkRow] {
        let services = try await store.open().services()
        let ceiling = try ScanCeiling(database: store.databasePath)
        let rates = try await Interleaving.measure(
            rounds: size.recordRounds,
            [
                { try ceiling.rate() },
                {
                    let clock = ContinuousClock()
                    let start = clock.now
                    let result = try await services.verify(against: nil) { _, _ in }
                    let seconds = (clock.now - start).seconds
                    guard result.isIntact else { throw VerificationFailure(problems: result.problems) }
                    return Double(result.events) / seconds
                },
            ]
        )
        return [.rate("verify of \(events) events", rates[1], of: rates[0], atLeast: 50)]
    }

    private func command(_ arguments: [String], in store: WorkingStore) -> ChildProcess {
        ChildProcess(
            arguments: [hush] + arguments,
            environment: ["HUSH_HOME=\(store.folder)", "HOME=\(store.folder)", "PATH=/usr/bin:/bin"]
        )
    }
}

/// A store that is measured is not intact, so that its figures mean nothing.
struct VerificationFailure: Error {
    var problems: [String]
}
