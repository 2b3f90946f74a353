import Synchronization
import Testing

@testable import ExternalVaults

/// Whoever waits for somebody else's call has a patience of its own.
@Suite struct SharedCallsTests {
    private let calls = SharedCalls<Int>()
    private let place = KeptValues.Place(key: "k", credential: nil)

    private final class Count: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }
        func increase() { count.withLock { $0 += 1 } }
    }

    private func soon() async throws { try await Task.sleep(for: .milliseconds(20)) }

    @Test func whoHasMorePatienceMakesTheCallThatAnotherGaveUp() async throws {
        let end = ContinuousClock.now + .milliseconds(200)
        let first = Task { [calls, place] in
            try await calls.call(place, until: end) { () async throws(VaultFailure) -> Int in
                try? await Task.sleep(until: end, clock: .continuous)
                throw VaultFailure(.deadlinePassed)
            }
        }
        try await soon()
        #expect(try await calls.call(place, until: .now + .seconds(60)) { 2 } == 2)
        await #expect(throws: VaultFailure(.deadlinePassed)) { _ = try await first.value }
    }

    @Test func whoeverIsCancelledDoesNotFailTheOthers() async throws {
        let first = Task { [calls, place] in
            try await calls.call(place, until: .now + .seconds(60)) { () async throws(VaultFailure) -> Int in
                try? await Task.sleep(for: .seconds(60))
                throw VaultFailure(.deadlinePassed)
            }
        }
        try await soon()
        async let second = calls.call(place, until: .now + .seconds(60)) { 2 }
        try await soon()
        first.cancel()
        #expect(try await second == 2)
        await #expect(throws: VaultFailure.self) { _ = try await first.value }
    }

    @Test func whoHasLessPatienceDoesNotWaitUntilTheEnd() async throws {
        let (gate, opening) = AsyncStream.makeStream(of: Void.self)
        let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
        async let first = calls.call(place, until: .now + .seconds(60)) {
            beginning.finish()
            for await _ in gate {}
            return 1
        }
        for await _ in begun {}
        await #expect(throws: VaultFailure(.deadlinePassed)) {
            try await calls.call(place, until: .now + .milliseconds(20)) { 2 }
        }
        opening.finish()
        #expect(try await first == 1)
    }

    @Test func aVaultsFailureIsToldToAll() async throws {
        let made = Count()
        let (gate, opening) = AsyncStream.makeStream(of: Void.self)
        let failures = await withTaskGroup(of: VaultFailure?.self) { group in
            for _ in 0..<10 {
                group.addTask { [calls, place] in
                    await AWSFixture.failure {
                        _ = try await calls.call(place, until: .now + .seconds(60)) {
                            () async throws(VaultFailure) -> Int in
                            made.increase()
                            for await _ in gate {}
                            // Its own limit for a request, not the caller's patience.
                            throw VaultFailure(.deadlinePassed, detail: "status 504")
                        }
                    }
                }
            }
            while made.value == 0 { await Task.yield() }
            for _ in 0..<100 { await Task.yield() }
            opening.finish()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(failures == [VaultFailure?](repeating: VaultFailure(.deadlinePassed, detail: "status 504"), count: 10))
        #expect(made.value < 10)
    }

    @Test func whatIsAskedForAfterTheEndIsAskedAnew() async throws {
        #expect(try await calls.call(place, until: .now + .seconds(60)) { 1 } == 1)
        #expect(try await calls.call(place, until: .now + .seconds(60)) { 2 } == 2)
    }
}
