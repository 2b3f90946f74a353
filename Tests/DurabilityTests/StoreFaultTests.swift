import DurabilityHistory
import Foundation
import ScopeStorage
import SecretMemory
import Testing
import Workspace

@testable import SecretScopes

@Suite("A disk that fails in the middle of the work")
struct StoreFaultTests {
    /// One way to fail.
    struct Kind: Sendable, CustomTestStringConvertible {
        var name: String
        var operation: FileWatch.Operation
        var file: String?
        var result: Int32
        /// Whether it fails again and again, or once.
        var isLasting = true
        /// Whether it still fails while the store is being closed; else the disk works again before.
        var coversClosing = false
        var testDescription: String { name }
    }

    static let kinds = [
        Kind(name: "a full disk", operation: .write, result: SQLiteCode.full),
        Kind(name: "a write that fails once", operation: .write, result: SQLiteCode.writeFailed, isLasting: false),
        Kind(name: "writes that fail", operation: .write, result: SQLiteCode.writeFailed),
        Kind(name: "a sync that fails once", operation: .sync, result: SQLiteCode.syncFailed, isLasting: false),
        Kind(name: "syncs that fail", operation: .sync, result: SQLiteCode.syncFailed),
        Kind(name: "a read that fails once", operation: .read, result: SQLiteCode.readFailed, isLasting: false),
        Kind(name: "reads that fail", operation: .read, result: SQLiteCode.readFailed),
        Kind(name: "a file that cannot be opened", operation: .open, result: SQLiteCode.cannotOpen, isLasting: false),
        Kind(name: "an index that cannot grow", operation: .map, result: SQLiteCode.mapFailed),
        Kind(
            name: "a database file that cannot be written, also at the end",
            operation: .write,
            file: "hush.db",
            result: SQLiteCode.writeFailed,
            coversClosing: true
        ),
        Kind(
            name: "a database file that cannot be synced, also at the end",
            operation: .sync,
            file: "hush.db",
            result: SQLiteCode.syncFailed,
            coversClosing: true
        ),
        Kind(
            name: "a file that cannot be cut, also at the end",
            operation: .truncate,
            result: SQLiteCode.truncateFailed,
            coversClosing: true
        ),
        Kind(
            name: "a log that cannot be deleted at the end",
            operation: .delete,
            result: SQLiteCode.deleteFailed,
            coversClosing: true
        ),
    ]

    @Test(arguments: kinds)
    func losesNothingAndHandsNothingOut(_ kind: Kind) async throws {
        let root = try TestFolder()
        let morning = try await FaultyMorning(in: root)
        // Once without a fault, to see how many operations there are.
        let calm = try await run(morning, kind, at: Int64.max / 2, in: root.path + "/calm")
        #expect(calm.problems == [])
        #expect(calm.failures == 0)
        try #require(calm.operations > 0)
        var problems: [String] = []
        var points = 0
        var failures = 0
        await withTaskGroup(of: Run.self) { group in
            for position in 0..<calm.operations {
                if position >= 3, let run = await group.next() {
                    problems += run.problems
                    points += run.hits > 0 ? 1 : 0
                    failures += run.failures
                }
                group.addTask {
                    do {
                        return try await self.run(morning, kind, at: position, in: "\(root.path)/home-\(position)")
                    } catch {
                        return Run(problems: ["at \(position): \(error)"])
                    }
                }
            }
            for await run in group {
                problems += run.problems
                points += run.hits > 0 ? 1 : 0
                failures += run.failures
            }
        }
        print("faults: \(kind.name), at \(points) of \(calm.operations) operations; \(failures) calls failed")
        #expect(problems.prefix(5) == [])
        #expect(points > 0)
    }

    private struct Run: Sendable {
        /// How many operations of the kind there were, and how many of them failed.
        var operations: Int64 = 0
        var hits: Int64 = 0
        /// How many calls the store could not do.
        var failures = 0
        var problems: [String] = []
    }

    /// Does the work with the fault at its `position`th operation.
    private func run(_ morning: FaultyMorning, _ kind: Kind, at position: Int64, in folder: String) async throws -> Run
    {
        try TestFolder.make(folder, holding: morning.files)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let watch = try FileWatch(folder)
        watch.arm(
            FileWatch.Fault(
                operations: [kind.operation],
                file: kind.file,
                skipped: position,
                failing: kind.isLasting ? nil : 1,
                result: kind.result,
                landsHalf: position.isMultiple(of: 2)
            ))
        let ledger = CallLedger()
        var run = Run()
        do {
            let caller = RecordingCaller(
                workspace: try await open(folder, morning.keyFile), ledger: ledger, watch: watch)
            await morning.run(caller)
            if !kind.coversClosing {
                run.operations = watch.matches
                run.hits = watch.hits
                watch.disarm()
                await useAgain(caller, &run)
            }
            await close(consume caller)
        } catch let error as ScopeError where error.code == .temporarilyUnavailable {
            // It failed before there was anything to call.
        }
        run.operations = max(run.operations, watch.matches)
        run.hits = max(run.hits, watch.hits)
        watch.disarm()
        run.failures = ledger.calls.count { if case .failed = $0.answer { true } else { false } }
        try await afterRestart(morning, folder, watch, ledger, &run)
        run.problems += await powerCuts(morning, folder, watch, calls: ledger.calls, seed: UInt64(position))
        run.problems = run.problems.map { "at \(position): \($0)" }
        return run
    }

    private func open(_ folder: String, _ keyFile: String) async throws -> Workspace {
        let pool = SecretPool()
        return try await Workspace.open(folder, keyProvider: KeyFileProvider(path: keyFile, pool: pool), pool: pool)
    }

    /// Waits until nobody holds the store any more, so that its last connection is closed.
    private func close(_ caller: consuming RecordingCaller) async {
        weak let store = caller.workspace.engine.store as? SQLiteScopeStore
        _ = consume caller
        while store != nil { await Task.yield() }
    }

    /// Makes two calls now that the disk works again.
    private func useAgain(_ caller: RecordingCaller, _ run: inout Run) async {
        let isUnconfirmed = caller.ledger.calls.contains {
            if case .failed(let error) = $0.answer { error.isUnconfirmed } else { false }
        }
        for answer in [await caller.put("payments", "after"), await caller.get("payments", "after")] {
            switch answer {
            case .granted where !isUnconfirmed: break
            case .failed(let error) where isUnconfirmed && error.message.contains("start Hush again"): break
            default:
                run.problems.append(
                    "with the disk working again\(isUnconfirmed ? " after a failed sync" : ""): \(answer)")
            }
        }
    }

    /// Opens the store anew, and uses it.
    private func afterRestart(
        _ morning: FaultyMorning, _ folder: String, _ watch: FileWatch, _ ledger: CallLedger, _ run: inout Run
    ) async throws {
        let check = LedgerCheck(keyFile: morning.keyFile, calls: ledger.calls)
        run.problems += await check.problems(in: folder)
        let caller = RecordingCaller(
            workspace: try await open(folder, morning.keyFile), ledger: ledger, watch: watch)
        for answer in [await caller.put("payments", "later"), await caller.get("payments", "later")]
        where answer != .granted {
            run.problems.append("after a restart: \(answer)")
        }
    }

    /// Cuts the power now and then, on top of the fault.
    private func powerCuts(
        _ morning: FaultyMorning, _ folder: String, _ watch: FileWatch, calls: [CallLedger.Call], seed: UInt64
    ) async -> [String] {
        var random = SeededGenerator(seed: TestSettings.seed ^ seed)
        let entries = watch.entries
        var problems: [String] = []
        let positions = Set((0..<TestSettings.scale).map { _ in Int.random(in: 0...entries.count, using: &random) })
        var disk = DiskModel(morning.files, fileName: watch.name(ofFile:))
        var made: Set<Int> = []
        var answered: Set<Int> = []
        for position in 0...entries.count {
            if positions.contains(position) {
                let image = disk.image(.some(percent: 50, bySector: true), random: &random)
                let path = folder + "-cut"
                do {
                    try TestFolder.make(path, holding: image)
                    defer { try? FileManager.default.removeItem(atPath: path) }
                    problems += await LedgerCheck(keyFile: morning.keyFile, calls: calls)
                        .problems(in: path, made: made.contains, acknowledged: answered.contains)
                        .map { "power cut at \(position) of \(entries.count): \($0)" }
                } catch {
                    problems.append("\(error)")
                }
            }
            guard position < entries.count else { break }
            disk.apply(entries[position], random: &random)
            guard case .mark(let mark) = entries[position].event else { continue }
            if mark.isMultiple(of: 2) { made.insert(Int(mark / 2)) } else { answered.insert(Int(mark / 2)) }
        }
        return problems
    }
}
