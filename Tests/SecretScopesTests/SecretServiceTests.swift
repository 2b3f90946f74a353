import SecretMemory
import SecretScopes
import Testing
import WorkspaceFixtures

@Suite("The Secrets API through the engine")
struct SecretServiceTests {
    @Test func creatorGetsManageAndNobodyElse() async throws {
        let fixture = try await TemporaryWorkspace()
        let services = try fixture.services()
        try await services.createScope(CreateScopeRequest(scope: "payments"))
        let items = try await services.listACLs(scope: "payments")
        #expect(items == [ACLItem(principal: TemporaryWorkspace.administrator, permission: .manage)])
        #expect(try await services.listScopes() == [SecretScope(name: "payments", backend: .native)])
    }

    @Test func whatWasPutIsRead() async throws {
        let fixture = try await TemporaryWorkspace()
        try await fixture.services().createScope(CreateScopeRequest(scope: "payments"))
        try await fixture.put("tok_live_1", scope: "payments", key: "api-key")
        let secret = try await fixture.services().getSecret(scope: "PAYMENTS", key: "Api-Key")
        #expect(secret.value.text == "tok_live_1")
        #expect(secret.key == "api-key")
        #expect(secret.version == 1)
    }

    @Test func deniedReadSaysWhatIsMissingAndIsAudited() async throws {
        let fixture = try await TemporaryWorkspace()
        let services = try fixture.services()
        try await services.createScope(CreateScopeRequest(scope: "payments"))
        try await fixture.put("tok_live_1", scope: "payments", key: "api-key")
        _ = try await services.createPrincipal(kind: .user, name: "bob@example.com")
        let expected = ScopeError(
            .permissionDenied,
            "User bob@example.com does not have READ permission on scope payments to perform this action.")
        await #expect(throws: expected) {
            try await fixture.services(as: "bob@example.com").getSecret(scope: "payments", key: "api-key")
        }
        var query = AuditQuery()
        query.operation = .getSecret
        let events = try await services.events(query)
        #expect(events.count == 1)
        #expect(events.first?.error == expected)
        #expect(events.first?.actor.name == "bob@example.com")
        let verification = try await services.verify(against: nil) { _, _ in }
        #expect(verification.problems == [])
        #expect(verification.events > 4)
    }
}
