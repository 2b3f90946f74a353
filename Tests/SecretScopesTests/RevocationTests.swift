import SecretMemory
import SecretScopes
import Testing
import Workspace
import WorkspaceFixtures

/// Every way to take a right away refuses the very next read, through the same engine and through another one that
/// has the right in its caches.
@Suite("What was taken away refuses the very next read")
struct RevocationTests {
    private func fixture() async throws -> TemporaryWorkspace {
        let fixture = try await TemporaryWorkspace()
        try await fixture.services().createScope(CreateScopeRequest(scope: "payments"))
        try await fixture.put("tok_live_1", scope: "payments", key: "api-key")
        return fixture
    }

    private func read(_ services: any SecretService) async throws {
        _ = try await services.getSecret(scope: "payments", key: "api-key")
    }

    private func expectRefusal(_ code: ScopeError.Code, _ services: [any SecretService]) async {
        for service in services {
            let error = await #expect(throws: ScopeError.self) { try await read(service) }
            #expect(error?.code == code)
        }
    }

    /// The same principal through the engine that changes things, and through another one.
    private func both(_ fixture: TemporaryWorkspace, as principal: String) async throws -> [any SecretService] {
        let other = try await fixture.reopened()
        let services: [any SecretService] = [
            try fixture.services(as: principal), try other.secrets(as: principal),
        ]
        for service in services { try await read(service) }
        return services
    }

    @Test func revokedPermission() async throws {
        let fixture = try await fixture()
        try await fixture.grant(.read, on: "payments", to: "ana@example.com")
        let readers = try await both(fixture, as: "ana@example.com")
        try await fixture.services().deleteACL(scope: "payments", principal: "ana@example.com")
        await expectRefusal(.permissionDenied, readers)
    }

    @Test func removedMembership() async throws {
        let fixture = try await fixture()
        let services = try fixture.services()
        _ = try await services.createPrincipal(kind: .user, name: "ana@example.com")
        _ = try await services.createPrincipal(kind: .group, name: "analysts")
        _ = try await services.createPrincipal(kind: .group, name: "everyone-in-finance")
        try await services.addGroupMember("ana@example.com", to: "analysts")
        try await services.addGroupMember("analysts", to: "everyone-in-finance")
        try await services.putACL(scope: "payments", principal: "everyone-in-finance", permission: "READ")
        let readers = try await both(fixture, as: "ana@example.com")
        try await services.removeGroupMember("analysts", from: "everyone-in-finance")
        await expectRefusal(.permissionDenied, readers)
    }

    @Test func revokedCredential() async throws {
        let fixture = try await fixture()
        let services = try fixture.services()
        try await fixture.grant(.read, on: "payments", to: "ana@example.com")
        let token = try await services.createToken(
            CreateTokenRequest(
                principal: "ana@example.com",
                kind: .personalAccessToken,
                operations: .all,
                lifetime: nil,
                comment: "test"
            ))
        let other = try await fixture.reopened()
        let origin = RequestOrigin(surface: .rest, address: "127.0.0.1")
        let gateways = [fixture.workspace, other].map { $0.gateway(accepting: [.personalAccessToken]) }
        // One that was authenticated before the token was revoked, and one that asks again.
        let known = try await gateways[1].services(forToken: token.value, origin: origin)
        try await read(known)
        try await read(gateways[0].services(forToken: token.value, origin: origin))
        try await services.revokeToken(token.id)
        await expectRefusal(.unauthenticated, [known])
        for gateway in gateways {
            let error = await #expect(throws: ScopeError.self) {
                _ = try await gateway.services(forToken: token.value, origin: origin)
            }
            #expect(error?.code == .unauthenticated)
        }
    }

    @Test func deletedPrincipal() async throws {
        let fixture = try await fixture()
        try await fixture.grant(.read, on: "payments", to: "ana@example.com")
        let readers = try await both(fixture, as: "ana@example.com")
        let services = try fixture.services()
        try await services.deletePrincipal(kind: .user, name: "ana@example.com")
        await expectRefusal(.unauthenticated, readers)
        // One made again under the same name inherits nothing.
        _ = try await services.createPrincipal(kind: .user, name: "ana@example.com")
        await expectRefusal(.permissionDenied, [try fixture.services(as: "ana@example.com")])
    }

    @Test func deletedScopeMadeAgain() async throws {
        let fixture = try await fixture()
        try await fixture.grant(.read, on: "payments", to: "ana@example.com")
        let readers = try await both(fixture, as: "ana@example.com")
        try await fixture.services().deleteScope("payments")
        try await fixture.services().createScope(CreateScopeRequest(scope: "payments"))
        try await fixture.put("tok_live_2", scope: "payments", key: "api-key")
        await expectRefusal(.permissionDenied, readers)
    }

    @Test func otherEnginesReadTheNewValueAtOnce() async throws {
        let fixture = try await fixture()
        let other = try await fixture.reopened().secrets()
        for number in 1...5 {
            try await fixture.put("value \(number)", scope: "payments", key: "api-key")
            #expect(try await other.getSecret(scope: "payments", key: "api-key").value.text == "value \(number)")
        }
    }
}
