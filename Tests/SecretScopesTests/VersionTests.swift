import SecretMemory
import SecretScopes
import Testing
import WorkspaceFixtures

@Suite("Versions of a secret")
struct VersionTests {
    @Test func everyPutMakesOneAndTheNewestTenAreKept() async throws {
        let fixture = try await filled(versions: 12)
        let versions = try await fixture.services().versions(scope: "payments", key: "api-key")
        #expect(versions.map(\.number) == Array((3...12).reversed()))
        #expect(versions.map(\.isCurrent) == [true] + [Bool](repeating: false, count: 9))
        #expect(versions.map(\.created.rawValue) == versions.map(\.created.rawValue).sorted(by: >))
    }

    @Test func anEarlierValueCanBeReadAndStandsInTheRecord() async throws {
        let fixture = try await filled(versions: 3)
        let services = try fixture.services()
        let secret = try await services.getSecret(scope: "Payments", key: "API-key", version: 2)
        #expect(secret.value.text == "value 2")
        #expect(secret.version == 2 && secret.key == "api-key")
        let event = try #require(try await lastEvent(of: .getSecret, services))
        #expect(event.version?.number == 2)
        #expect(event.parameters.map { [$0.name, $0.value] } == [["version", "2"]])
        #expect(event.error == nil)
    }

    @Test func restoringPutsTheEarlierValueOnceMore() async throws {
        let fixture = try await filled(versions: 3)
        let services = try fixture.services()
        #expect(try await services.restoreSecret(scope: "payments", key: "api-key", version: 1) == 4)
        let secret = try await services.getSecret(scope: "payments", key: "api-key")
        #expect(secret.value.text == "value 1" && secret.version == 4)
        #expect(try await services.versions(scope: "payments", key: "api-key").map(\.number) == [4, 3, 2, 1])
        let event = try #require(try await lastEvent(of: .restoreVersion, services))
        #expect(event.version?.number == 4)
        #expect(event.parameters.map { [$0.name, $0.value] } == [["version", "1"]])
        #expect(try await services.verify(against: nil) { _, _ in }.problems == [])
    }

    @Test(arguments: [0, -1, 2, 13, Int64.max])
    func aVersionThatIsNotKeptIsNamed(_ number: Int64) async throws {
        let fixture = try await filled(versions: 12)
        let services = try fixture.services()
        for attempt in [
            { _ = try await services.getSecret(scope: "payments", key: "api-key", version: number) },
            { _ = try await services.restoreSecret(scope: "payments", key: "api-key", version: number) },
        ] as [() async throws -> Void] {
            let error = await #expect(throws: ScopeError.self) { try await attempt() }
            #expect(error?.code == .resourceDoesNotExist)
            #expect(error?.message.hasPrefix("Key api-key in scope payments has no version \(number).") == true)
        }
        #expect(try await services.versions(scope: "payments", key: "api-key").first?.number == 12)
    }

    @Test func theCurrentVersionCannotBeRestored() async throws {
        let fixture = try await filled(versions: 2)
        let error = await #expect(throws: ScopeError.self) {
            try await fixture.services().restoreSecret(scope: "payments", key: "api-key", version: 2)
        }
        #expect(error?.code == .invalidParameterValue)
    }

    @Test func readersSeeAndReadThemAndOnlyWritersRestore() async throws {
        let fixture = try await filled(versions: 2)
        try await fixture.grant(.read, on: "payments", to: "ana@example.com")
        try await fixture.grant(.write, on: "payments", to: "bob@example.com")
        let administrator = try fixture.services()
        _ = try await administrator.createPrincipal(kind: .user, name: "eve@example.com")
        let (ana, bob) = (try fixture.services(as: "ana@example.com"), try fixture.services(as: "bob@example.com"))
        let eve = try fixture.services(as: "eve@example.com")
        #expect(try await ana.versions(scope: "payments", key: "api-key").count == 2)
        #expect(try await ana.getSecret(scope: "payments", key: "api-key", version: 1).value.text == "value 1")
        let refused: [() async throws -> Void] = [
            { _ = try await ana.restoreSecret(scope: "payments", key: "api-key", version: 1) },
            { _ = try await eve.restoreSecret(scope: "payments", key: "api-key", version: 1) },
            { _ = try await eve.versions(scope: "payments", key: "api-key") },
            { _ = try await eve.getSecret(scope: "payments", key: "api-key", version: 1) },
        ]
        for attempt in refused {
            let error = await #expect(throws: ScopeError.self) { try await attempt() }
            #expect(error?.code == .permissionDenied)
        }
        #expect(try await bob.restoreSecret(scope: "payments", key: "api-key", version: 1) == 3)
        var query = AuditQuery()
        query.status = 403
        #expect(try await administrator.events(query).count == refused.count)
    }

    @Test func deletedSecretsTakeTheirVersionsWithThem() async throws {
        let fixture = try await filled(versions: 3)
        let services = try fixture.services()
        try await services.deleteSecret(scope: "payments", key: "api-key")
        try await fixture.put("another", scope: "payments", key: "api-key")
        #expect(try await services.versions(scope: "payments", key: "api-key").map(\.number) == [1])
    }

    private func filled(versions: Int) async throws -> TemporaryWorkspace {
        let fixture = try await TemporaryWorkspace()
        try await fixture.services().createScope(CreateScopeRequest(scope: "payments"))
        for number in 1...versions { try await fixture.put("value \(number)", scope: "payments", key: "api-key") }
        return fixture
    }

    private func lastEvent(of operation: SecretScopes.Operation, _ services: any WorkspaceServices) async throws
        -> AuditEvent?
    {
        var query = AuditQuery()
        query.operation = operation
        query.limit = 1
        return try await services.events(query).first
    }
}
