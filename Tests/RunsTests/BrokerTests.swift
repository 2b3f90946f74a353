import DatabricksAPI
import Redaction
import Runs
import SecretMemory
import SecretScopes
import Synchronization
import Testing
import Workspace
import WorkspaceFixtures

/// A run's broker, spoken to over the wire, against a real workspace.
@Suite struct BrokerTests {
    @Test func aRunReadsWhatItsPrincipalMayRead() async throws {
        let fixture = try await BrokerFixture()
        try await fixture.starter().run(RunOptions(surface: .command)) { run in
            let client = try fixture.client(of: run)
            #expect(try await client.getSecret(scope: "payments", key: "api-key").value.text == BrokerFixture.value)
            #expect(try await client.listSecrets(scope: "payments").map(\.key) == ["api-key"])
            #expect(try await client.listScopes().map(\.name) == ["payments"])
            #expect(try await client.currentPrincipal().name == BrokerFixture.reader)
        }
    }

    @Test func aRunOfWhoMayNotReadIsRefusedAndAudited() async throws {
        let fixture = try await BrokerFixture()
        try await fixture.starter(as: BrokerFixture.stranger).run(RunOptions(surface: .command)) { run in
            let error = try await #require(throws: ScopeError.self) {
                try await fixture.client(of: run).getSecret(scope: "payments", key: "api-key")
            }
            #expect(error.code == .permissionDenied)
            #expect(run.redactor.valueCount == 1)
            let event = try #require(try await fixture.events(.getSecret).last)
            #expect(event.statusCode == 403)
            #expect(event.actor.name == BrokerFixture.stranger)
        }
    }

    @Test func theTokenAndEveryValueThatIsHandedOutAreRedacted() async throws {
        let fixture = try await BrokerFixture()
        try await fixture.starter().run(RunOptions(surface: .command)) { run in
            #expect(run.redactor.redact("token=\(run.token.text)") == "token=[REDACTED]")
            #expect(run.redactor.redact(BrokerFixture.value) == BrokerFixture.value)
            _ = try await fixture.client(of: run).getSecret(scope: "payments", key: "api-key")
            #expect(run.redactor.redact("<\(BrokerFixture.value)>") == "<[REDACTED]>")
            try await fixture.fixture.put("rotated-5d41402abc", scope: "payments", key: "api-key")
            _ = try await fixture.client(of: run).getSecret(scope: "payments", key: "api-key")
            #expect(run.redactor.redact("\(BrokerFixture.value) rotated-5d41402abc") == "[REDACTED] [REDACTED]")
        }
    }

    @Test func aValueThatCannotBeRedactedIsWithheld() async throws {
        let fixture = try await BrokerFixture()
        try await fixture.starter().run(RunOptions(surface: .command)) { run in
            while run.redactor.valueCount < run.redactor.level.maximumValueCount {
                try run.redactor.add(fixture.fixture.secret("filler value \(run.redactor.valueCount)"))
            }
            let error = try await #require(throws: ScopeError.self) {
                try await fixture.client(of: run).getSecret(scope: "payments", key: "api-key")
            }
            #expect(error.code == .resourceLimitExceeded)
            #expect(error.message.contains("key api-key in scope payments is withheld"))
        }
    }

    struct Call: CustomStringConvertible, Sendable {
        let description: String
        let operation: Operation
        let perform: @Sendable (DatabricksClient) async throws -> Void

        init(_ operation: Operation, _ perform: @escaping @Sendable (DatabricksClient) async throws -> Void) {
            self.description = operation.actionName
            self.operation = operation
            self.perform = perform
        }
    }

    private static let writes: [Call] = [
        Call(.putSecret) { client in
            let value = SecretBytes(copying: Array("x".utf8).span.bytes, in: SecretPool())
            try await client.putSecret(PutSecretRequest(scope: "payments", key: "new", stringValue: value))
        },
        Call(.deleteSecret) { try await $0.deleteSecret(scope: "payments", key: "api-key") },
    ]

    private static let neverAllowed: [Call] = [
        Call(.createScope) { try await $0.createScope(CreateScopeRequest(scope: "new")) },
        Call(.deleteScope) { try await $0.deleteScope("payments") },
        Call(.putACL) { try await $0.putACL(scope: "payments", principal: "users", permission: "READ") },
        Call(.deleteACL) { try await $0.deleteACL(scope: "payments", principal: BrokerFixture.reader) },
        Call(.getACL) { _ = try await $0.getACL(scope: "payments", principal: BrokerFixture.reader) },
        Call(.listACLs) { _ = try await $0.listACLs(scope: "payments") },
    ]

    /// Also for an administrator, who may do all of it with another credential.
    @Test(arguments: writes + neverAllowed)
    func aRunTokenCanDoNothingButRead(call: Call) async throws {
        let fixture = try await BrokerFixture()
        try await fixture.starter(as: nil).run(RunOptions(surface: .command)) { run in
            let before = try await fixture.events(call.operation).count
            let error = try await #require(throws: ScopeError.self) {
                try await call.perform(fixture.client(of: run))
            }
            #expect(error.code == .permissionDenied)
            let events = try await fixture.events(call.operation)
            #expect(events.count == before + 1)
            #expect(events.last?.statusCode == 403)
            #expect(events.last?.origin.session == run.id)
        }
        let services = try fixture.fixture.services()
        #expect(try await services.getSecret(scope: "payments", key: "api-key").value.text == BrokerFixture.value)
        #expect(try await services.listScopes().map(\.name) == ["payments"])
        #expect(try await services.listSecrets(scope: "payments").map(\.key) == ["api-key"])
    }

    @Test func aRunThatMayWritePutsAndDeletesSecretsAndNothingElse() async throws {
        let fixture = try await BrokerFixture()
        let options = RunOptions(surface: .command, allowsWriting: true)
        try await fixture.starter(as: nil).run(options) { run in
            let client = try fixture.client(of: run)
            for call in Self.writes { try await call.perform(client) }
            #expect(try await client.listSecrets(scope: "payments").map(\.key) == ["new"])
            for call in Self.neverAllowed {
                let error = try await #require(throws: ScopeError.self) { try await call.perform(client) }
                #expect(error.code == .permissionDenied)
            }
        }
        try await fixture.starter().run(options) { run in
            // The token allows it; the reader's grant does not.
            let client = try fixture.client(of: run)
            let error = try await #require(throws: ScopeError.self) { try await Self.writes[0].perform(client) }
            #expect(error.code == .permissionDenied)
        }
    }

    @Test func aRunTokenMakesNoTokensAndNoPrincipals() async throws {
        let fixture = try await BrokerFixture()
        try await fixture.starter(as: nil).run(RunOptions(surface: .command, allowsWriting: true)) { run in
            let gateway = fixture.fixture.workspace.gateway(accepting: [.runToken])
            let services = try await gateway.services(
                forToken: run.token, origin: RequestOrigin(surface: .command))
            let request = CreateTokenRequest(
                kind: .personalAccessToken, operations: .readingInRun, lifetime: nil, comment: "")
            await #expect(throws: ScopeError.self) { try await services.createToken(request) }
            await #expect(throws: ScopeError.self) { try await services.createPrincipal(kind: .user, name: "x@y.z") }
            await #expect(throws: ScopeError.self) { try await services.events(AuditQuery()) }
        }
    }

    @Test func noOtherTokenIsTaken() async throws {
        let fixture = try await BrokerFixture()
        let personal = try await fixture.fixture.services().createToken(
            CreateTokenRequest(kind: .personalAccessToken, operations: .all, lifetime: nil, comment: ""))
        try await fixture.starter().run(RunOptions(surface: .command)) { other in
            try await fixture.starter().run(RunOptions(surface: .command)) { run in
                let wrong = [personal.value, other.token, fixture.fixture.secret("dapi0"), run.token.slice(0..<10)]
                for token in wrong {
                    let error = try await #require(throws: ScopeError.self) {
                        try await fixture.client(of: run, token: token).listScopes()
                    }
                    #expect(error.code == .unauthenticated)
                }
                #expect(try await fixture.client(of: run).listScopes().count == 1)
                #expect(try await fixture.client(of: other).listScopes().count == 1)
            }
        }
        let event = try #require(try await fixture.events(.authenticate).last)
        #expect(event.statusCode == 401)
    }

    @Test func aRevokedGrantRefusesTheVeryNextRead() async throws {
        let fixture = try await BrokerFixture()
        try await fixture.starter().run(RunOptions(surface: .command)) { run in
            let client = try fixture.client(of: run)
            _ = try await client.getSecret(scope: "payments", key: "api-key")
            // As another process would.
            let elsewhere = try await fixture.fixture.reopened()
            let services = try elsewhere.services(runBy: "tester", origin: RequestOrigin(surface: .library))
            try await services.deleteACL(scope: "payments", principal: BrokerFixture.reader)
            let error = try await #require(throws: ScopeError.self) {
                try await client.getSecret(scope: "payments", key: "api-key")
            }
            #expect(error.code == .permissionDenied)
        }
    }

    @Test func eventsTellRunNotebookAndCell() async throws {
        let fixture = try await BrokerFixture()
        let options = RunOptions(surface: .notebook, notebook: "notebooks/daily.swift")
        try await fixture.starter().run(options) { run in
            let client = try fixture.client(of: run)
            for cell in [3, nil, 4] {
                run.currentCell.number = cell
                _ = try await client.getSecret(scope: "payments", key: "api-key")
                let event = try #require(try await fixture.events(.getSecret).last)
                #expect(event.channel.surface == .notebook)
                #expect(event.channel.notebook == "notebooks/daily.swift")
                #expect(event.channel.cell == cell)
                #expect(event.origin.session == run.id)
                #expect(event.origin.userAgent == "hush")
                #expect(event.origin.address == "127.0.0.1")
                #expect(event.actor.name == BrokerFixture.reader)
                #expect(event.actor.runBy == "tester")
            }
        }
    }
}
