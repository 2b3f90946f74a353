import DurabilityHistory
import Foundation
import RepeatableRandomness
import ScopeStorage
import SecretMemory
import Testing
import Workspace

@testable import SecretScopes

/// A morning during which the disk fails at one operation, or from it on; then a restart, and power cuts on top.
struct FaultRun: Sendable {
    let morning: FaultyMorning
    let fault: DiskFault
    let position: Int64
    /// A folder that is the run's own.
    let folder: String

    struct Outcome: Sendable {
        /// How many operations of the kind there were.
        var operations: Int64 = 0
        /// At how many places the disk failed: one a run, or none.
        var points = 0
        /// How many calls the store could not do, and of how many that is not certain.
        var failures = 0
        var unconfirmed = 0
        var problems: [String] = []

        mutating func add(_ other: Outcome) {
            points += other.points
            failures += other.failures
            unconfirmed += other.unconfirmed
            problems += other.problems
        }
    }

    func run() async throws -> Outcome {
        try TestFolder.make(folder, holding: morning.files)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let watch = try FileWatch(folder)
        let ledger = CallLedger()
        var outcome = Outcome()
        try await work(watch, ledger, &outcome)
        for call in ledger.calls {
            guard case .failed(let error) = call.answer else { continue }
            outcome.failures += 1
            if error.isUnconfirmed { outcome.unconfirmed += 1 }
        }
        try await afterRestart(watch, ledger, &outcome)
        outcome.problems += await powerCuts(watch.entries, watch.name(ofFile:), ledger.calls)
        outcome.problems = outcome.problems.map { "at \(position): \($0)" }
        return outcome
    }

    private func work(_ watch: FileWatch, _ ledger: CallLedger, _ outcome: inout Outcome) async throws {
        watch.arm(
            FileWatch.Fault(
                operations: [fault.operation],
                file: fault.file,
                skipped: position,
                failing: fault.isLasting ? nil : 1,
                result: fault.result,
                landsHalf: position.isMultiple(of: 2)
            ))
        do {
            let caller = RecordingCaller(workspace: try await open(), ledger: ledger, watch: watch)
            await morning.run(caller)
            if !fault.coversClosing {
                count(watch, &outcome)
                watch.disarm()
                await useAgain(caller, &outcome)
            }
            await close(consume caller)
        } catch let error as ScopeError where error.code == .temporarilyUnavailable {
            // It failed before there was anything to call.
        }
        count(watch, &outcome)
        watch.disarm()
    }

    private func count(_ watch: FileWatch, _ outcome: inout Outcome) {
        outcome.operations = max(outcome.operations, watch.matches)
        outcome.points = max(outcome.points, watch.hits > 0 ? 1 : 0)
    }

    private func open() async throws -> Workspace {
        let pool = SecretPool()
        return try await Workspace.open(
            folder, keyProvider: KeyFileProvider(path: morning.keyFile, pool: pool), pool: pool)
    }

    /// Waits until nobody holds the store any more, so that its last connection is closed.
    private func close(_ caller: consuming RecordingCaller) async {
        weak let store = caller.workspace.engine.store as? SQLiteScopeStore
        _ = consume caller
        while store != nil { await Task.yield() }
    }

    /// Makes two calls now that the disk works again.
    private func useAgain(_ caller: RecordingCaller, _ outcome: inout Outcome) async {
        let isUnconfirmed = caller.ledger.calls.contains {
            if case .failed(let error) = $0.answer { error.isUnconfirmed } else { false }
        }
        for answer in [await caller.put("payments", "after"), await caller.get("payments", "after")] {
            switch answer {
            case .granted where !isUnconfirmed: break
            case .failed(let error) where isUnconfirmed && error.message.contains("start Hush again"): break
            default:
                outcome.problems.append(
                    "with the disk working again\(isUnconfirmed ? " after a failed sync" : ""): \(answer)")
            }
        }
    }

    /// Opens the store anew, and uses it.
    private func afterRestart(_ watch: FileWatch, _ ledger: CallLedger, _ outcome: inout Outcome) async throws {
        let check = LedgerCheck(keyFile: morning.keyFile, calls: ledger.calls)
        outcome.problems += await check.problems(in: folder)
        let caller = RecordingCaller(workspace: try await open(), ledger: ledger, watch: watch)
        for answer in [await caller.put("payments", "later"), await caller.get("payments", "later")]
        where answer != .granted {
            outcome.problems.append("after a restart: \(answer)")
        }
    }

    /// Cuts the power after the first call that failed, when all of it may have landed, and at any moment.
    private func powerCuts(
        _ entries: [FileWatch.Entry], _ fileName: @escaping (Int) -> String, _ calls: [CallLedger.Call]
    ) async -> [String] {
        var random = SeededGenerator(seed: TestSettings.seed ^ UInt64(position))
        var cuts: [(position: Int, landing: DiskModel.Landing)] = (0..<TestSettings.scale).map { _ in
            (Int.random(in: 0...entries.count, using: &random), .some(percent: 50, bySector: true))
        }
        let failed = entries.firstIndex { entry in
            guard case .mark(let mark) = entry.event, !mark.isMultiple(of: 2) else { return false }
            return if case .failed = calls[Int(mark / 2)].answer { true } else { false }
        }
        if let failed { cuts.append((failed + 1, .everything)) }
        var disk = DiskModel(morning.files, fileName: fileName)
        var made: Set<Int> = []
        var answered: Set<Int> = []
        var problems: [String] = []
        for position in 0...entries.count {
            for cut in cuts where cut.position == position {
                let image = disk.image(cut.landing, random: &random)
                problems += await check(image, calls, made, answered).map { "power cut before \(position): \($0)" }
            }
            guard position < entries.count else { break }
            disk.apply(entries[position], random: &random)
            guard case .mark(let mark) = entries[position].event else { continue }
            if mark.isMultiple(of: 2) { made.insert(Int(mark / 2)) } else { answered.insert(Int(mark / 2)) }
        }
        return problems
    }

    private func check(
        _ image: [String: [UInt8]], _ calls: [CallLedger.Call], _ made: Set<Int>, _ answered: Set<Int>
    ) async -> [String] {
        let path = folder + "-cut"
        do {
            try TestFolder.make(path, holding: image)
            defer { try? FileManager.default.removeItem(atPath: path) }
            return await LedgerCheck(keyFile: morning.keyFile, calls: calls)
                .problems(in: path, made: made.contains, answered: answered.contains)
        } catch {
            return ["\(error)"]
        }
    }
}
