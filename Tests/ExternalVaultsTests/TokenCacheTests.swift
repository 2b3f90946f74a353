import Synchronization
import Testing

@testable import ExternalVaults

@Suite struct TokenCacheTests {
    @Test func whoHasNoMoreTimeDoesNotWaitForATokenThatOthersGet() async throws {
        let cache = TokenCache<Int>()
        let (gate, opening) = AsyncStream.makeStream(of: Void.self)
        let fetches = Mutex(0)
        let fetch = { @Sendable () async throws(VaultFailure) -> TokenCache<Int>.Issued in
            fetches.withLock { $0 += 1 }
            for await _ in gate {}
            return .init(token: 7, lifetime: .seconds(3600), refreshAhead: .seconds(60))
        }
        let failure = await AWSFixture.failure {
            _ = try await cache.token(for: "1", until: .now + .milliseconds(20), fetch: fetch)
        }
        #expect(failure?.reason == .deadlinePassed)
        opening.finish()
        #expect(try await cache.token(for: "1", until: .now + .seconds(20), fetch: fetch) == 7)
        #expect(fetches.withLock { $0 } == 1)
    }

    @Test func aRefreshThatFailsLeavesTheTokenInUse() async throws {
        let cache = TokenCache<Int>()
        let old = TokenCache<Int>.Issued(token: 1, refresh: .now - .seconds(1), end: .now + .seconds(3600))
        #expect(try await cache.token(for: "1") { () throws(VaultFailure) in old } == 1)
        let failing = { @Sendable () async throws(VaultFailure) -> TokenCache<Int>.Issued in
            throw VaultFailure(.unreachable)
        }
        #expect(try await cache.token(for: "1", fetch: failing) == 1)
        await cache.drop(revision: "1")
        #expect(
            await AWSFixture.failure { _ = try await cache.token(for: "1", fetch: failing) }?.reason == .unreachable)
    }
}
