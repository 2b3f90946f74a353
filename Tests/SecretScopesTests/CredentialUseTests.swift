import SecretMemory
import Testing
import Workspace
import WorkspaceFixtures

@testable import SecretScopes

@Suite struct CredentialUseTests {
    private let origin = RequestOrigin(surface: .rest)

    private func generation(_ workspace: Workspace) throws -> Int64 {
        try #require(try workspace.engine.store.read { try $0.head() }).generation
    }

    private func makeToken(_ fixture: TemporaryWorkspace) async throws -> IssuedToken {
        try await fixture.services().createToken(
            CreateTokenRequest(kind: .personalAccessToken, operations: .all, lifetime: nil, comment: ""))
    }

    private func use(_ token: IssuedToken, in workspace: Workspace) async throws -> any WorkspaceServices {
        try await workspace.gateway(accepting: [.personalAccessToken]).services(forToken: token.value, origin: origin)
    }

    @Test func useIsWrittenWithoutAChangeOfTheGenerationAndSurvives() async throws {
        let fixture = try await TemporaryWorkspace()
        try await fixture.services().createScope(CreateScopeRequest(scope: "payments"))
        try await fixture.put("value", scope: "payments", key: "key")
        let token = try await makeToken(fixture)
        #expect(try await fixture.services().listTokens(of: .caller).first?.lastUse == .never)
        let before = try generation(fixture.workspace)
        let bearer = try await use(token, in: fixture.workspace)
        for _ in 0..<3 { _ = try await bearer.getSecret(scope: "payments", key: "key") }
        let day = CredentialUses.day(of: SystemWallClock().now())
        #expect(try generation(fixture.workspace) == before)

        let reopened = try await fixture.reopened()
        let services = try reopened.services(runBy: "tester", origin: origin)
        let used = try await services.listTokens(of: .caller).first?.lastUse
        // The day may have changed meanwhile.
        #expect(used == .day(day) || used == .day(day.advanced(by: .seconds(-86_400))))
        _ = try await use(token, in: reopened).listScopes()
        #expect(try generation(reopened) == before)
        #expect(try await services.verify(against: nil) { _, _ in }.problems == [])
    }

    @Test func refusedCallIsAUseToo() async throws {
        let fixture = try await TemporaryWorkspace()
        let token = try await makeToken(fixture)
        let bearer = try await use(token, in: fixture.workspace)
        await #expect(throws: ScopeError.self) { _ = try await bearer.getSecret(scope: "none", key: "none") }
        #expect(try await fixture.services().listTokens(of: .caller).first?.lastUse != .never)
    }

    /// Also when the token goes in the very transaction that would have noted its use.
    @Test func tokenThatIsGoneLeavesNothing() async throws {
        let fixture = try await TemporaryWorkspace()
        let token = try await makeToken(fixture)
        let bearer = try await use(token, in: fixture.workspace)
        try await bearer.revokeToken(token.id)
        await #expect(throws: ScopeError.self) { _ = try await bearer.listScopes() }
        let left = try fixture.workspace.engine.store.read { try $0.lastUse(of: token.id) }
        #expect(left == nil)
        #expect(try await fixture.services().verify(against: nil) { _, _ in }.problems == [])
    }

    @Test func daysBeginAtMidnight() {
        #expect(CredentialUses.day(of: Timestamp(rawValue: 86_400_000 * 3 - 1)).rawValue == 86_400_000 * 2)
        #expect(CredentialUses.day(of: Timestamp(rawValue: 86_400_000 * 3)).rawValue == 86_400_000 * 3)
    }

    @Test func usesAreRememberedByDay() {
        var uses = CredentialUses()
        let (first, second) = (CredentialID(high: 0, low: 1), CredentialID(high: 0, low: 2))
        let day = Timestamp(rawValue: 86_400_000)
        uses.insert([first], on: day)
        #expect(uses.contains(first, on: day) && !uses.contains(second, on: day))
        #expect(!uses.contains(first, on: day.advanced(by: .seconds(86_400))))
    }
}
