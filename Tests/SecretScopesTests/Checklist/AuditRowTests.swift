import SecretMemory
import SecretScopes
import Testing
import WorkspaceFixtures

/// The rows of the checklist that are about the audit record, through the engine.
@Suite struct AuditRowTests {
    private func fixture() async throws -> TemporaryWorkspace {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeScope("Payments", holding: ["Api-Key": "tok_live_5f2a"])
        try await fixture.makeUsers("ana@example.com")
        return fixture
    }

    @Test("Row 97: a read is recorded with service, scope, key and status 200")
    func granted() async throws {
        let fixture = try await fixture()
        try await fixture.allow("ana@example.com", .read, on: "payments")
        _ = try await fixture.services(as: "ana@example.com").getSecret(scope: "PAYMENTS", key: "api-key")
        let events = try await fixture.events(.getSecret)
        let event = try #require(events.first)
        #expect(events.count == 1)
        #expect(event.operation.serviceName == "secrets" && event.operation.actionName == "getSecret")
        // The names as they were made, with the ids that tell them from others of the same name.
        #expect(event.subject.scope == "Payments" && event.subject.key == "Api-Key")
        #expect(event.subject.scopeID != nil && event.subject.secretID != nil && event.version?.number == 1)
        #expect(event.statusCode == 200 && event.error == nil)
        #expect(event.actor.name == "ana@example.com" && event.actor.runBy == "tester")
        let ana = try await fixture.services(as: "ana@example.com").currentPrincipal()
        #expect(event.actor.principal == ana.id)
        #expect(event.parameters.isEmpty && event.effects.isEmpty)
        #expect(!"\(event)".contains("tok_live"))
    }

    /// A read that is refused, by whom, and how it is recorded.
    struct Refusal: CustomTestStringConvertible {
        let principal: String?
        let scope: String
        let key: String
        let status: Int
        let message: String
        var recordedScope: String?
        var recordedKey: String?
        var testDescription: String { "\(status) \(message)" }
        var code: ScopeError.Code {
            switch status {
            case 403: .permissionDenied
            case 404: .resourceDoesNotExist
            default: .invalidParameterValue
            }
        }
    }

    @Test(
        "Row 98: a refused read is recorded with its status and message",
        arguments: [
            Refusal(
                principal: "ana@example.com", scope: "payments", key: "api-key", status: 403,
                message: "User ana@example.com does not have READ permission on scope Payments to perform this action.",
                recordedScope: "Payments", recordedKey: "Api-Key"),
            Refusal(
                principal: "ana@example.com", scope: "payments", key: "nope", status: 403,
                message: "User ana@example.com does not have READ permission on scope Payments to perform this action.",
                recordedScope: "Payments"),
            Refusal(
                principal: nil, scope: "payments", key: "nope", status: 404,
                message: "Secret does not exist with scope: payments and key: nope", recordedScope: "Payments"),
            Refusal(
                principal: nil, scope: "nope", key: "api-key", status: 404,
                message: "Secret does not exist with scope: nope and key: api-key"),
            Refusal(
                principal: nil, scope: "payments", key: "tok_live_5f2a pasted here", status: 400,
                message: "The key is not valid. Use 1 to 128 letters, digits and characters of _ . @ / -",
                recordedKey: "(invalid, 25 bytes)"),
        ]
    )
    func refused(_ refusal: Refusal) async throws {
        let fixture = try await fixture()
        await expectRefusal(refusal.code) {
            try await fixture.services(as: refusal.principal).getSecret(scope: refusal.scope, key: refusal.key)
        }
        let events = try await fixture.events(.getSecret)
        let event = try #require(events.first)
        #expect(events.count == 1)
        #expect(event.statusCode == refusal.status && event.error?.message == refusal.message)
        #expect(event.subject.scope == refusal.recordedScope ?? refusal.scope)
        #expect(event.subject.key == refusal.recordedKey ?? refusal.key)
        #expect(event.actor.name == refusal.principal ?? TemporaryWorkspace.administrator)
        #expect(event.version == nil)
        #expect(!"\(event)".contains("tok_live"))
    }

    @Test("Row 99: a put is recorded with scope and key, and its value nowhere, done or refused")
    func put() async throws {
        let fixture = try await fixture()
        let value = "tok_live_9e1c"
        for (principal, key, bytes) in [(nil, "new", false), (nil, "new", true), ("ana@example.com", "new", false)] {
            let text = fixture.secret(bytes ? "dG9rX2xpdmVfOWUxYw==" : value)
            try? await fixture.services(as: principal).putSecret(
                PutSecretRequest(
                    scope: "payments", key: key, stringValue: bytes ? nil : text, bytesValue: bytes ? text : nil))
        }
        for key in [value + " ", "new"] {
            try? await fixture.services().putSecret(
                PutSecretRequest(scope: "payments", key: key, bytesValue: fixture.secret(value + "!")))
        }
        let events = try await fixture.events(.putSecret).dropFirst()
        #expect(events.map(\.statusCode) == [200, 200, 403, 400, 400])
        #expect(events.map(\.subject.key) == ["new", "new", "new", "(invalid, 14 bytes)", "new"])
        #expect(events.allSatisfy { $0.operation.serviceName == "secrets" && $0.operation.actionName == "putSecret" })
        #expect(events.map { $0.version?.number } == [1, 2, nil, nil, nil])
        #expect(events.allSatisfy { $0.parameters.isEmpty })
        #expect(events.allSatisfy { !"\($0)".contains(value) && !"\($0)".contains("dG9rX2xpdmVf") })
    }
}
