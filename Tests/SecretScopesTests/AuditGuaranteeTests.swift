import Foundation
import SecretMemory
import SecretScopes
import Testing
import Workspace
import WorkspaceFixtures

@Suite("What never happens")
struct AuditGuaranteeTests {
    private func fixture() async throws -> TemporaryWorkspace {
        let fixture = try await TemporaryWorkspace()
        try await fixture.services().createScope(CreateScopeRequest(scope: "payments"))
        try await fixture.put("tok_live_1", scope: "payments", key: "api-key")
        return fixture
    }

    @Test func aReadWhoseEventCannotBeWrittenFails() async throws {
        let fixture = try await fixture()
        let services = try fixture.services()
        _ = try await services.getSecret(scope: "payments", key: "api-key")
        try StoreFile(of: fixture).alterSchema(
            "CREATE TRIGGER refuse BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'no'); END")
        for body in [
            { _ = try await services.getSecret(scope: "payments", key: "api-key") },
            { try await fixture.put("tok_live_2", scope: "payments", key: "api-key") },
        ] as [@Sendable () async throws -> Void] {
            await #expect(throws: ScopeError.self) { try await body() }
        }
        try StoreFile(of: fixture).alterSchema("DROP TRIGGER refuse")
        let secret = try await services.getSecret(scope: "payments", key: "api-key")
        #expect(secret.value.text == "tok_live_1")
        #expect(secret.version == 1)
        #expect(try await services.verify(against: nil) { _, _ in }.problems == [])
    }

    @Test func everyCallLeavesExactlyOneEvent() async throws {
        let fixture = try await fixture()
        let services = try fixture.services()
        _ = try await services.createPrincipal(kind: .user, name: "bob@example.com")
        let bob = try fixture.services(as: "bob@example.com")
        let before = try await services.verify(against: nil) { _, _ in }.events
        try? await bob.createScope(CreateScopeRequest(scope: "not valid"))
        try? await bob.deleteScope("payments")
        _ = try? await bob.listScopes()
        try? await bob.putSecret(PutSecretRequest(scope: "payments", key: "api-key", stringValue: fixture.secret("x")))
        try? await bob.putSecret(PutSecretRequest(scope: "payments", key: "api-key"))
        try? await bob.deleteSecret(scope: "payments", key: "api-key")
        _ = try? await bob.listSecrets(scope: "payments")
        _ = try? await bob.getSecret(scope: "payments", key: "api-key")
        _ = try? await bob.getSecret(scope: "payments", key: "missing")
        _ = try? await bob.getSecret(scope: "\u{0}", key: "missing")
        try? await bob.putACL(scope: "payments", principal: "bob@example.com", permission: "MANAGE")
        try? await bob.deleteACL(scope: "payments", principal: "bob@example.com")
        _ = try? await bob.getACL(scope: "payments", principal: "bob@example.com")
        _ = try? await bob.listACLs(scope: "payments")
        _ = try? await bob.events(AuditQuery())
        _ = try? await bob.verify(against: nil) { _, _ in }
        let after = try await services.verify(against: nil) { _, _ in }.events
        // Sixteen calls, and the last verification itself.
        #expect(after - before == 17)
        var query = AuditQuery()
        query.principal = "bob@example.com"
        let events = try await services.events(query)
        #expect(events.count == 16)
        #expect(events.filter { $0.error == nil }.map(\.operation) == [.listScopes])
    }

    @Test func noValueStandsInTheStoreOrInTheRecord() async throws {
        let fixture = try await fixture()
        let marker = "marker-\(UUID().uuidString)"
        try await fixture.put(marker, scope: "payments", key: "api-key")
        let services = try fixture.services()
        // A value pasted where a name belongs is recorded by its length only.
        _ = try? await services.getSecret(scope: "payments", key: marker + " pasted")
        try? await services.putACL(scope: "payments", principal: marker + "\u{7}", permission: marker + "\u{7}")
        _ = try await services.getSecret(scope: "payments", key: "api-key")
        let events = try await services.events(AuditQuery())
        #expect(!"\(events)".contains(marker))
        for file in try FileManager.default.contentsOfDirectory(atPath: fixture.folder) {
            let data = try Data(contentsOf: URL(fileURLWithPath: fixture.folder + "/" + file))
            #expect(data.range(of: Data(marker.utf8)) == nil, "\(file)")
        }
    }

    @Test func runTokensCanDoNothingButRead() async throws {
        let fixture = try await fixture()
        try await fixture.grant(.manage, on: "payments", to: "ana@example.com")
        let token = try await fixture.services(as: "ana@example.com").createToken(
            CreateTokenRequest(kind: .runToken, operations: .readingInRun, lifetime: nil, comment: "run"))
        let run = try await fixture.workspace.gateway(accepting: [.runToken]).services(
            forToken: token.value, origin: RequestOrigin(surface: .notebook))
        #expect(try await run.getSecret(scope: "payments", key: "api-key").value.text == "tok_live_1")
        #expect(try await run.listSecrets(scope: "payments").count == 1)
        #expect(try await run.listScopes().count == 1)
        #expect(try await run.currentPrincipal().name == "ana@example.com")
        let refused: [(SecretScopes.Operation, @Sendable () async throws -> Void)] = [
            (.createScope, { try await run.createScope(CreateScopeRequest(scope: "x")) }),
            (.deleteScope, { try await run.deleteScope("payments") }),
            (
                .putSecret,
                {
                    try await run.putSecret(
                        PutSecretRequest(scope: "payments", key: "k", stringValue: fixture.secret("v")))
                }
            ),
            (.deleteSecret, { try await run.deleteSecret(scope: "payments", key: "api-key") }),
            (.putACL, { try await run.putACL(scope: "payments", principal: "users", permission: "READ") }),
            (.deleteACL, { try await run.deleteACL(scope: "payments", principal: "ana@example.com") }),
            (.getACL, { _ = try await run.getACL(scope: "payments", principal: "ana@example.com") }),
            (.listACLs, { _ = try await run.listACLs(scope: "payments") }),
            (.createPrincipal, { _ = try await run.createPrincipal(kind: .user, name: "x") }),
            (.deletePrincipal, { try await run.deletePrincipal(kind: .user, name: "ana@example.com") }),
            (.listPrincipals, { _ = try await run.listPrincipals(kind: .user) }),
            (.getGroup, { _ = try await run.groupMembers("admins") }),
            (.addGroupMember, { try await run.addGroupMember("ana@example.com", to: "admins") }),
            (.removeGroupMember, { try await run.removeGroupMember("ana@example.com", from: "admins") }),
            (
                .createToken,
                {
                    _ = try await run.createToken(
                        CreateTokenRequest(
                            kind: .personalAccessToken, operations: .readingInRun, lifetime: nil, comment: ""))
                }
            ),
            (.revokeToken, { try await run.revokeToken(token.id) }),
            (.queryEvents, { _ = try await run.events(AuditQuery()) }),
            (.queryReaders, { _ = try await run.readers(scope: "payments", key: nil) }),
            (.verifyAudit, { _ = try await run.verify(against: nil) { _, _ in } }),
            (.createCheckpoint, { _ = try await run.createCheckpoint() }),
        ]
        for (operation, body) in refused {
            let error = await #expect(throws: ScopeError.self, "\(operation)") { try await body() }
            #expect(error?.code == .permissionDenied, "\(operation)")
            var query = AuditQuery()
            query.operation = operation
            query.status = 403
            let events = try await fixture.services().events(query)
            #expect(events.count == 1, "\(operation)")
            #expect(events.first?.origin.credential == token.id)
        }
    }

    @Test func strangersAreRecordedOnceASourceAndMinute() async throws {
        let fixture = try await fixture()
        let gateway = fixture.workspace.gateway(accepting: [.personalAccessToken])
        for _ in 0..<50 {
            await #expect(throws: ScopeError.self) {
                _ = try await gateway.services(
                    forToken: fixture.secret("dapi0"), origin: RequestOrigin(surface: .rest, address: "192.0.2.1"))
            }
        }
        var query = AuditQuery()
        query.status = 401
        // Two, when a minute ended meanwhile.
        #expect((1...2).contains(try await fixture.services().events(query).count))
    }

    @Test func aCheckpointRevealsACutTail() async throws {
        let fixture = try await fixture()
        let services = try fixture.services()
        let checkpoint = try await services.createCheckpoint()
        #expect(checkpoint.hasValidSignature)
        let parsed = try #require(AuditCheckpoint(text: checkpoint.text))
        #expect(parsed == checkpoint)
        #expect(try await services.verify(against: parsed) { _, _ in }.problems == [])
        var longer = checkpoint
        longer.events += 1000
        #expect(!longer.hasValidSignature)
        let problems = try await services.verify(against: longer) { _, _ in }.problems
        #expect(problems.contains { $0.contains("signature") })
        #expect(problems.contains { $0.contains("its end was cut off") })
    }

    @Test func manyCallersOfTwoEnginesLoseNothing() async throws {
        let fixture = try await fixture()
        let other = try await fixture.reopened().secrets()
        let mine: any SecretService = try fixture.services()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<16 {
                let secrets = caller.isMultiple(of: 2) ? mine : other
                group.addTask {
                    for number in 0..<20 {
                        let value = SecretBytes(copying: Array("\(caller) \(number)".utf8).span.bytes, in: fixture.pool)
                        try await secrets.putSecret(
                            PutSecretRequest(scope: "payments", key: "key-\(caller)", stringValue: value))
                        let secret = try await secrets.getSecret(scope: "payments", key: "key-\(caller)")
                        #expect(secret.value.text == "\(caller) \(number)")
                        #expect(secret.version == Int64(number + 1))
                    }
                }
            }
            try await group.waitForAll()
        }
        let services = try fixture.services()
        #expect(try await services.verify(against: nil) { _, _ in }.problems == [])
        let readers = try await services.readers(scope: "payments", key: nil)
        #expect(readers.map(\.reads).reduce(0, +) == 320)
    }
}
