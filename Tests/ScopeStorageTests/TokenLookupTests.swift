import Glibc
import ScopeStorage
import SecretMemory
import SecretScopes
import Synchronization
import Testing
import Workspace
import WorkspaceFixtures

/// What the store is asked when a token is shown: the same, whether it is right or wrong.
@Suite(.timeLimit(.minutes(2))) struct TokenLookupTests {
    /// What a store was asked.
    private struct Steps: Equatable {
        var snapshots = 0
        var transactions = 0
        var looks = 0
    }

    /// A store that counts what it is asked.
    private final class CountingStore: ScopeStore {
        private let store: SQLiteScopeStore
        private let counted = Mutex(Steps())

        init(_ store: SQLiteScopeStore) {
            self.store = store
        }

        func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result {
            counted.withLock { $0.snapshots += 1 }
            return try store.read(body)
        }

        func write<Result>(_ body: (any StoreTransaction) throws -> Result) throws -> Result {
            counted.withLock { $0.transactions += 1 }
            return try store.write(body)
        }

        var announcedGeneration: Int64? {
            counted.withLock { $0.looks += 1 }
            return store.announcedGeneration
        }

        func takeSteps() -> Steps {
            counted.withLock { steps in
                defer { steps = Steps() }
                return steps
            }
        }
    }

    private struct FixedClock: WallClock {
        func now() -> Timestamp { Timestamp(rawValue: 1_800_000_000_000) }
    }

    private let fixture: TemporaryWorkspace
    private let store: CountingStore
    private let gateway: TokenGateway

    init() async throws {
        fixture = try await TemporaryWorkspace()
        store = CountingStore(try SQLiteScopeStore.open(Workspace.storePath(in: fixture.folder)))
        let engine = try await ScopeEngine.open(
            store, keyProvider: KeyFileProvider(path: fixture.keyFile, pool: fixture.pool), pool: fixture.pool,
            clock: FixedClock())
        gateway = TokenGateway(engine: engine, accepting: [.personalAccessToken, .clientSecret])
    }

    private func isAccepted(_ token: SecretBytes?) async throws -> Bool {
        do {
            _ = try await gateway.services(
                forToken: token, origin: RequestOrigin(surface: .rest, address: "192.0.2.1"))
            return true
        } catch let error as ScopeError where error.code == .unauthenticated {
            return false
        }
    }

    private func text(_ text: String) -> SecretBytes {
        SecretBytes(copying: Array(text.utf8).span.bytes, in: fixture.pool)
    }

    private func issue() async throws -> IssuedToken {
        try await fixture.services().createToken(
            CreateTokenRequest(kind: .personalAccessToken, operations: nil, lifetime: nil, comment: ""))
    }

    @Test func wrongTokenTakesTheStepsOfARightOne() async throws {
        let right = try await issue().value
        let almost = right.withBytes { bytes in
            SecretBytes(count: bytes.byteCount, in: fixture.pool) { target in
                bytes.withUnsafeBytes { target.copyMemory(from: $0) }
                target[target.count - 1] ^= 1
            }
        }
        let wrong: [SecretBytes?] = [
            nil, almost, text("dapi" + String(repeating: "0", count: 64)), text("x"),
            text("hoat" + String(repeating: "0", count: 112)), text("dose" + String(repeating: "0", count: 64)),
        ]
        // The first of each kind is looked up in the store, and the first stranger of a minute is recorded.
        #expect(try await isAccepted(right))
        #expect(try await !isAccepted(almost))
        _ = store.takeSteps()
        #expect(try await isAccepted(right))
        let steps = store.takeSteps()
        #expect(steps == Steps(snapshots: 0, transactions: 0, looks: 1))
        for token in wrong {
            #expect(try await !isAccepted(token))
            #expect(store.takeSteps() == steps)
        }
    }

    @Test func tokenThatIsNotInMemoryTakesTheStepsOfAWrongOne() async throws {
        let right = try await issue().value
        _ = store.takeSteps()
        #expect(try await !isAccepted(text("dapi")))
        let wrongSteps = store.takeSteps().snapshots
        let second = try await issue().value
        for token in [right, second] {
            #expect(try await isAccepted(token))
            #expect(store.takeSteps().snapshots == wrongSteps)
        }
    }

    /// The fixture stands for another process: it has caches and connections of its own.
    @Test func tokenOfAnotherProcessIsAcceptedAtOnceAndNoLongerThanItIsThere() async throws {
        #expect(try await !isAccepted(text("dapi")))
        for _ in 0..<20 {
            let token = try await issue()
            #expect(try await isAccepted(token.value))
            #expect(try await isAccepted(token.value))
            try await fixture.services().revokeToken(token.id)
            #expect(try await !isAccepted(token.value))
            #expect(try await !isAccepted(text("dapi")))
        }
    }

    @Test func withoutAnAnnouncementTheStoreIsAsked() async throws {
        let token = try await issue()
        #expect(try await isAccepted(token.value))
        for file in SQLiteScopeStore.lockFiles(of: Workspace.storePath(in: fixture.folder)) {
            try #require(truncate(file, 0) == 0)
        }
        _ = store.takeSteps()
        #expect(try await isAccepted(token.value))
        #expect(try await !isAccepted(text("dapi")))
        #expect(store.takeSteps().snapshots == 2)
    }
}
