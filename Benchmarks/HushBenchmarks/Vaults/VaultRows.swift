import Foundation
import Glibc
import SecretScopes

/// Linked scopes: beside a bare request to the same vault, beside native secrets, and what native secrets notice of a vault
/// that is down.
struct VaultRows {
    let size: BenchmarkSize
    let stores: StoreCache

    private static let callers = 64

    func measure() async throws -> [BenchmarkRow] {
        let working = try await stores.workingCopy(of: .few)
        let store = try await LinkedStore(working)
        return try await CannedVault.running(.answering) { vault in
            try await store.link("linked", to: vault.address)
            try await store.link("kept", to: vault.address, ["cache": "1h"])
            return try await BareClient.running(to: vault.address) { client in
                try await alone(store, client) + together(store, client, working)
                    + listing(store, client, vault)
            }
        } + unreachable(store)
    }

    // MARK: Rows

    private func alone(_ store: LinkedStore, _ client: BareClient) async throws -> [BenchmarkRow] {
        let each = size.singleCalls
        let times = try await Interleaving.measure(
            rounds: 2 * size.serverRounds,
            [
                { try await CallTimes.of(callers: 1, each: each) { _, _ in try await client.get("key-0") } },
                { try await store.readLinked("linked", callers: 1, each: each) },
                { try await store.readNative(callers: 1, each: each) },
                { try await store.readKept("kept", callers: 1, each: each) },
            ]
        ).map { $0.map(\.median) }
        return [
            .overhead("linked get, 1 caller, p50, beside a bare request", times[1], over: times[0], atMost: 0.001),
            .duration("  native get, 1 caller, p50", times[2].median),
            .duration("cached get, 1 caller, p50, beside a native one", times[3], of: times[2], atMost: 1.2),
        ]
    }

    private func together(
        _ store: LinkedStore, _ client: BareClient, _ working: WorkingStore
    ) async throws -> [BenchmarkRow] {
        let (callers, each) = (Self.callers, size.callsPerCaller)
        let descriptor = open(working.folder + "/pages", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        let batches = SyncedBatches(descriptor: descriptor)
        let times = try await Interleaving.measure(
            rounds: size.serverRounds,
            [
                {
                    try await CallTimes.of(callers: callers, each: each) { caller, _ in
                        try await client.get("key-\(caller)")
                    }
                },
                { try await store.readLinked("linked", callers: callers, each: each) },
                { try await store.readNative(callers: callers, each: each) },
                { try await store.readKept("kept", callers: callers, each: each) },
                {
                    try await CallTimes.of(callers: callers, each: each) { caller, _ in
                        try await client.get("key-\(caller)")
                        await batches.commit()
                    }
                },
            ]
        )
        let rates = times.map { $0.map(\.rate) }
        let medians = times.map { $0.map(\.median) }
        return [
            .rate("linked get, 64 callers, beside a bare request", rates[1], of: rates[0], atLeast: 60),
            .rate("  bare request and a synced page, beside it", rates[4], of: rates[0], atLeast: nil),
            .overhead(
                "linked get, 64 callers, p50, beside a bare request", medians[1], over: medians[0], atMost: 0.001),
            .overhead("  bare request and a synced page, p50, beside it", medians[4], over: medians[0], atMost: nil),
            .rate("cached get, 64 callers, beside a native one", rates[3], of: rates[2], atLeast: 80),
        ]
    }

    private func listing(
        _ store: LinkedStore, _ client: BareClient, _ vault: CannedVault
    ) async throws -> [BenchmarkRow] {
        let lists = size.singleCalls / 10
        let before = vault.answered
        let names = try await store.services.listSecrets(scope: "linked").count
        let requests = vault.answered - before
        guard names == CannedAnswers.names else { throw ChildProcessFailure("The list has \(names) names.") }
        let times = try await Interleaving.measure(
            rounds: size.serverRounds,
            [
                { try await CallTimes.of(callers: 1, each: lists) { _, _ in try await client.list() } },
                {
                    try await CallTimes.of(callers: 1, each: lists) { _, _ in
                        _ = try await store.services.listSecrets(scope: "linked")
                    }
                },
            ]
        ).map { $0.map { $0.median / Double(CannedAnswers.pages) } }
        return [
            .count("list of \(names.grouped) names, requests, beside its pages", requests, of: CannedAnswers.pages),
            .overhead("  a page of it, p50, beside a bare request for one", times[1], over: times[0], atMost: 0.001),
        ]
    }

    /// Native gets while eight callers ask for what a vault does not give.
    private func unreachable(_ store: LinkedStore) async throws -> [BenchmarkRow] {
        let refusing = "http://127.0.0.1:\(try ServerProcess.freePort())"
        return try await unreachable(store, "refused", at: refusing)
            + CannedVault.running(.silent) { try await unreachable(store, "silent", at: $0.address) }
    }

    private func unreachable(_ store: LinkedStore, _ scope: String, at address: String) async throws -> [BenchmarkRow] {
        // A caller waits for two requests at most.
        let (timeout, patience) = ("1s", 2.0)
        try await store.link(scope, to: address, ["timeout": timeout])
        var waits: [Double] = []
        var rows: [BenchmarkRow] = []
        for (callers, each) in [(1, size.singleCalls), (Self.callers, size.callsPerCaller)] {
            let times = try await Interleaving.measure(
                rounds: size.serverRounds,
                [
                    { try await store.readNative(callers: callers, each: each) },
                    {
                        let (times, newWaits) = try await store.asking(scope, callers: 8) {
                            try await store.readNative(callers: callers, each: each)
                        }
                        waits += newWaits
                        return times
                    },
                ]
            )
            let who = callers == 1 ? "1 caller" : "\(callers) callers"
            let (medians, percentiles) = (times.map { $0.map(\.median) }, times.map { $0.map(\.percentile99) })
            rows += [
                .duration("native get, \(who), vault \(scope), p50", medians[1], of: medians[0], atMost: 1.2),
                .duration("  the same, p99", percentiles[1], of: percentiles[0], atMost: nil),
            ]
        }
        return rows + [
            .duration("linked get, vault \(scope), p50 of its answers", waits.median),
            .duration(
                "  the longest of \(waits.count.grouped), beside its deadline", waits.percentile(100), atMost: patience),
        ]
    }
}
