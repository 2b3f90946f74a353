import FaultyFiles
import ScopeStorage
import SecretMemory
import Synchronization
import Testing
import Workspace

@testable import SecretScopes

/// Many callers in one transaction.
@Suite("Callers that share a transaction", .serialized)
struct BatchTests {
    private final class Counter: Sendable {
        private let count = Atomic(0)
        var value: Int { count.load(ordering: .relaxed) }
        func increment() { count.add(1, ordering: .relaxed) }
    }

    /// A small store that is opened over a gate.
    private final class Fixture {
        let root: TestFolder
        let folder: String
        let keyFile: String
        let watch: FileWatch
        let gate: GatedStore
        let engine: ScopeEngine
        let pool = SecretPool()
        let ledger = CallLedger()

        init() async throws {
            root = try TestFolder()
            let morning = try await FaultyMorning(in: root)
            folder = root.path + "/home"
            keyFile = morning.keyFile
            try TestFolder.make(folder, holding: morning.files)
            watch = try FileWatch(folder)
            gate = GatedStore(try SQLiteScopeStore.open(Workspace.storePath(in: folder)))
            engine = try await ScopeEngine.open(
                gate, keyProvider: KeyFileProvider(path: keyFile, pool: pool), pool: pool)
        }

        func session(_ number: Int, as principal: String? = nil) throws -> ScopeSession {
            let origin = RequestOrigin(surface: .library, requestID: "\(number)")
            return engine.session(for: try engine.localCaller(as: principal, runBy: "tester", origin: origin))
        }

        /// Makes calls that gather behind a first one, which holds the committer, so that they share the transaction
        /// after it. `before` is done in front of that transaction.
        func callTogether(
            _ count: Int,
            before: @escaping @Sendable () -> Void = {},
            _ body: @escaping @Sendable (Int, ScopeSession, SecretBytes) async throws -> Void,
            as principal: @Sendable (Int) -> String? = { _ in nil }
        ) async throws -> [CallLedger.Answer] {
            gate.close()
            let (first, _) = ledger.begin()
            let plug = try session(first)
            let started = Counter()
            return try await withThrowingTaskGroup(of: (Int, CallLedger.Answer)?.self) { group in
                group.addTask { [ledger] in
                    _ = try await plug.listScopes()
                    ledger.finish(first, .granted)
                    return nil
                }
                while !gate.isOccupied { await Task.yield() }
                for index in 0..<count {
                    let (number, _) = ledger.begin()
                    let session = try session(number, as: principal(index))
                    let value = SecretBytes(copying: Array("value \(number)".utf8).span.bytes, in: pool)
                    group.addTask { [ledger] in
                        started.increment()
                        let answer = await Self.answer { try await body(index, session, value) }
                        ledger.finish(number, answer)
                        return (index, answer)
                    }
                }
                while started.value < count { await Task.yield() }
                // Whoever was just started is about to queue up; nothing below depends on all of them being there.
                for _ in 0..<1000 { await Task.yield() }
                gate.open(beforeNext: before)
                var answers = [CallLedger.Answer?](repeating: nil, count: count)
                for try await case let (index, answer)? in group { answers[index] = answer }
                return answers.compactMap { $0 }
            }
        }

        private static func answer(_ body: () async throws -> Void) async -> CallLedger.Answer {
            do {
                try await body()
                return .granted
            } catch let error as ScopeError where error.code != .temporarilyUnavailable {
                return .refused(error)
            } catch {
                return .failed(error as? ScopeError ?? ScopeError(.internalError, "\(error)"))
            }
        }

        func problems() async -> [String] {
            await LedgerCheck(keyFile: keyFile, calls: ledger.calls).problems(in: folder)
        }
    }

    private static let put: @Sendable (Int, ScopeSession, SecretBytes) async throws -> Void = { index, session, value in
        try await session.putSecret(PutSecretRequest(scope: "payments", key: "key-\(index)", stringValue: value))
    }

    /// Does half of an operation and ends it.
    private static func changeThenThrow(
        _ error: any Error & Sendable, _ index: Int, _ session: ScopeSession
    ) async throws {
        try await session.perform(.createPrincipal) { context in
            _ = try context.authorizeAdministrator()
            try context.save(
                PrincipalRow(
                    id: PrincipalID(high: 7, low: UInt64(index)),
                    kind: .user,
                    name: "half-\(index)",
                    displayName: "half",
                    isActive: true,
                    created: context.now
                ))
            throw error
        }
    }

    @Test func aRefusedItemNeverUndoesItsNeighbours() async throws {
        let fixture = try await Fixture()
        let answers = try await fixture.callTogether(
            30,
            { index, session, value in
                switch index % 5 {
                case 0: try await Self.put(index, session, value)
                case 1: try await Self.changeThenThrow(ScopeError(.invalidState, "enough"), index, session)
                case 2: _ = try await session.getSecret(scope: "payments", key: "first")
                case 3: try await session.createScope(CreateScopeRequest(scope: "payments"))
                default: try await session.createScope(CreateScopeRequest(scope: "scope-\(index)"))
                }
            },
            as: { $0 % 5 == 2 && $0 % 2 == 0 ? "eve@example.com" : nil }
        )
        for (index, answer) in answers.enumerated() {
            switch (index % 5, answer) {
            case (0, .granted), (4, .granted), (1, .refused), (3, .refused): break
            case (2, .granted) where index % 2 == 1: break
            case (2, .refused) where index % 2 == 0: break
            default: Issue.record("call \(index): \(answer)")
            }
        }
        #expect(await fixture.problems() == [])
    }

    /// What the store cannot do is recorded as nobody's refusal; only a full disk concerns everybody in the transaction.
    @Test(arguments: [StoreError.Code.inputOutput, .full])
    func aFailureOfTheStoreIsNoRefusal(_ code: StoreError.Code) async throws {
        let fixture = try await Fixture()
        let answers = try await fixture.callTogether(8) { index, session, value in
            if index == 3 {
                try await Self.changeThenThrow(StoreError(code, "The disk gave up."), index, session)
            } else {
                try await Self.put(index, session, value)
            }
        }
        let failed = answers.count {
            if case .failed(let error) = $0 { error.message.contains("The disk gave up.") } else { false }
        }
        #expect(code == .full ? failed > 1 : failed == 1, "\(answers)")
        #expect(failed + answers.count { $0 == .granted } == answers.count)
        #expect(await fixture.problems() == [])
    }

    /// The disk fills up at each write of the transaction in turn, in savepoints too, since the memory is so short that
    /// SQLite writes changed pages before the transaction's end.
    @Test func aFullDiskAcknowledgesNothingOfTheBatchAndIsGotOver() async throws {
        let fixture = try await Fixture()
        faulty_limit_memory(1)
        defer { faulty_limit_memory(0) }
        var rounds: Int64 = 0
        var largest = 0
        while true {
            let answers = try await fixture.callTogether(
                12,
                before: { [watch = fixture.watch, rounds] in
                    watch.arm(FileWatch.Fault(operations: [.write], skipped: rounds, result: SQLiteCode.full))
                },
                Self.put
            )
            let hits = fixture.watch.hits
            fixture.watch.disarm()
            guard hits > 0 else {
                #expect(answers == Array(repeating: .granted, count: 12))
                break
            }
            let failed = answers.count {
                if case .failed(let error) = $0 { error.message.contains("Free some space") } else { false }
            }
            largest = max(largest, failed)
            // Who did not fail was in another transaction, and its event is there.
            #expect(failed > 0, "round \(rounds): \(answers)")
            #expect(failed + answers.count { $0 == .granted } == answers.count, "round \(rounds): \(answers)")
            if rounds.isMultiple(of: 16) { #expect(await fixture.problems() == []) }
            rounds += 1
        }
        print("batches: the disk was full at each of \(rounds) writes; up to \(largest) callers failed together")
        #expect(rounds > 12)
        #expect(largest > 1)
        #expect(await fixture.problems() == [])
    }

    /// A page that cannot be read fails the one who needs it. SQLite takes the whole transaction back, so that the others
    /// have to be done again.
    @Test func aReadThatFailsInTheBatchFailsOneCallerAlone() async throws {
        var hits: Int64 = 0
        var failures = 0
        for position in 0..<24 {
            // A new engine has nothing in its caches.
            let fixture = try await Fixture()
            let answers = try await fixture.callTogether(
                8,
                before: { [watch = fixture.watch] in
                    watch.arm(
                        FileWatch.Fault(
                            operations: [.read], skipped: Int64(position), failing: 1, result: SQLiteCode.readFailed))
                },
                { index, session, value in
                    if index.isMultiple(of: 2) {
                        try await Self.put(index, session, value)
                    } else {
                        try await session.putACL(scope: "payments", principal: "eve@example.com", permission: "READ")
                    }
                }
            )
            hits += fixture.watch.hits
            fixture.watch.disarm()
            let failed = answers.count { if case .failed = $0 { true } else { false } }
            failures += failed
            #expect(failed <= 1, "at \(position): \(answers)")
            #expect(answers.count { $0 == .granted } == answers.count - failed)
            #expect(await fixture.problems() == [])
        }
        print("batches: \(hits) reads failed, and \(failures) callers")
        #expect(failures > 0)
    }
}
