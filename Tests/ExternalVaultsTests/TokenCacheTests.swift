import Synchronization
import Testing

@testable import ExternalVaults

@Suite final class TokenCacheTests: Sendable {
    private let clock = SetClock()
    private let cache: TokenCache<Int>
    private let fetches = Mutex(0)

    init() {
        cache = TokenCache(clock: clock)
    }

    /// Each token is the number of its fetch; it is refreshed after a minute, and ends after two.
    @Sendable private func fetch() async throws(VaultFailure) -> TokenCache<Int>.Issued {
        let number = fetches.withLock { fetches in
            fetches += 1
            return fetches
        }
        return .init(token: number, refresh: .seconds(60), end: .seconds(120))
    }

    @Sendable private func fail() async throws(VaultFailure) -> TokenCache<Int>.Issued {
        fetches.withLock { $0 += 1 }
        throw VaultFailure(.unreachable)
    }

    @Test func aTokenIsUsedUntilItIsToBeRefreshed() async throws {
        #expect(try await cache.token(for: "1", fetch: fetch) == 1)
        clock.advance(by: .seconds(59))
        #expect(try await cache.token(for: "1", fetch: fetch) == 1)
        clock.advance(by: .seconds(1))
        #expect(try await cache.token(for: "1", fetch: fetch) == 2)
    }

    @Test func anotherCredentialHasAnotherToken() async throws {
        #expect(try await cache.token(for: "1", fetch: fetch) == 1)
        #expect(try await cache.token(for: "2", fetch: fetch) == 2)
    }

    @Test func whoHasNoMoreTimeDoesNotWaitForATokenThatOthersGet() async throws {
        let (gate, opening) = AsyncStream.makeStream(of: Void.self)
        let slow = { @Sendable () async throws(VaultFailure) -> TokenCache<Int>.Issued in
            for await _ in gate {}
            return try await self.fetch()
        }
        let failure = await AWSFixture.failure {
            _ = try await cache.token(for: "1", until: .now + .milliseconds(20), fetch: slow)
        }
        #expect(failure?.reason == .deadlinePassed)
        opening.finish()
        #expect(try await cache.token(for: "1", until: .now + .seconds(60), fetch: slow) == 1)
        #expect(fetches.withLock { $0 } == 1)
    }

    @Test func aRefreshThatFailsLeavesTheTokenInUseUntilItEnds() async throws {
        #expect(try await cache.token(for: "1", fetch: fetch) == 1)
        clock.advance(by: .seconds(60))
        #expect(try await cache.token(for: "1", fetch: fail) == 1)
        #expect(fetches.withLock { $0 } == 2)
        // It is tried again half a minute later.
        clock.advance(by: .seconds(29))
        #expect(try await cache.token(for: "1", fetch: fail) == 1)
        #expect(fetches.withLock { $0 } == 2)
        clock.advance(by: .seconds(1))
        #expect(try await cache.token(for: "1", fetch: fail) == 1)
        #expect(fetches.withLock { $0 } == 3)
        clock.advance(by: .seconds(30))
        #expect(
            await AWSFixture.failure { _ = try await cache.token(for: "1", fetch: fail) }?.reason == .unreachable)
    }

    @Test func aTokenThatWasRefusedIsForgotten() async throws {
        #expect(try await cache.token(for: "1", fetch: fetch) == 1)
        cache.drop(revision: "2")
        #expect(try await cache.token(for: "1", fetch: fetch) == 1)
        cache.drop(revision: "1")
        #expect(try await cache.token(for: "1", fetch: fetch) == 2)
    }
}
