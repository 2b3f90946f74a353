import DatabricksAPI
import Runs
import SecretMemory
import SecretScopes
import Synchronization
import Testing
import Workspace
import WorkspaceFixtures

/// However a run ends, its token and its broker end with it.
@Suite struct BrokerEndingTests {
    private struct Failed: Error {}

    private func expectEnded(_ run: Run, in fixture: BrokerFixture) async throws {
        let gone = try await #require(throws: ScopeError.self) { try await fixture.client(of: run).listScopes() }
        #expect(gone.code == .temporarilyUnavailable)
        let gateway = fixture.fixture.workspace.gateway(accepting: [.runToken])
        let dead = try await #require(throws: ScopeError.self) {
            try await gateway.services(forToken: run.token, origin: RequestOrigin(surface: .command))
        }
        #expect(dead.code == .unauthenticated)
        #expect(try await fixture.events(.revokeToken).count == 1)
    }

    @Test func afterARunThatWentWell() async throws {
        let fixture = try await BrokerFixture()
        let run = try await fixture.starter().run(RunOptions(surface: .command)) { $0 }
        try await expectEnded(run, in: fixture)
    }

    @Test func afterARunThatFailed() async throws {
        let fixture = try await BrokerFixture()
        let seen = Mutex<Run?>(nil)
        await #expect(throws: Failed.self) {
            try await fixture.starter().run(RunOptions(surface: .command)) { run in
                seen.withLock { $0 = run }
                throw Failed()
            }
        }
        try await expectEnded(try #require(seen.withLock { $0 }), in: fixture)
    }

    @Test func afterARunThatWasCancelled() async throws {
        let fixture = try await BrokerFixture()
        let starter = try fixture.starter()
        let (runs, continuation) = AsyncStream.makeStream(of: Run.self)
        let task = Task {
            try await starter.run(RunOptions(surface: .command)) { run in
                continuation.yield(run)
                try await Task.sleep(for: .seconds(3600))
            }
        }
        let run = try #require(await runs.first { _ in true })
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await expectEnded(run, in: fixture)
    }

    @Test func aRunWhoseTokenCannotBeRevokedSaysSo() async throws {
        let fixture = try await BrokerFixture()
        let error = try await #require(throws: ScopeError.self) {
            try await fixture.starter().run(RunOptions(surface: .command)) { _ in
                // Without its principal the run's token is gone already, and so is the right to revoke it.
                try await fixture.fixture.services().deletePrincipal(kind: .user, name: BrokerFixture.reader)
            }
        }
        #expect(error.message.hasPrefix("The run ended, but its token "))
    }

    @Test func aRunThatCannotHaveATokenDoesNotStart() async throws {
        let fixture = try await BrokerFixture()
        let starter = try fixture.starter()
        try await fixture.fixture.services().deletePrincipal(kind: .user, name: BrokerFixture.reader)
        await #expect(throws: ScopeError.self) {
            try await starter.run(RunOptions(surface: .command)) { _ in
                Issue.record("the run must not start")
            }
        }
    }

    @Test func aTokenOutlivesItsLifetimeByNothing() async throws {
        let fixture = try await BrokerFixture()
        let options = RunOptions(surface: .command, lifetime: .milliseconds(-1))
        try await fixture.starter().run(options) { run in
            let error = try await #require(throws: ScopeError.self) { try await fixture.client(of: run).listScopes() }
            #expect(error.code == .unauthenticated)
        }
    }
}
