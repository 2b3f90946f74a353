import SecretMemory
import SecretScopes
import Testing
import Workspace
import WorkspaceFixtures

@Suite struct TokenTests {
    private static let origin = RequestOrigin(surface: .rest, address: "192.0.2.7")

    private func bearer(
        _ token: SecretBytes, of fixture: TemporaryWorkspace, kinds: Set<CredentialKind>
    ) async throws -> any WorkspaceServices {
        try await fixture.workspace.gateway(accepting: kinds).services(forToken: token, origin: Self.origin)
    }

    private func request(_ operations: OperationSet? = nil, lifetime: Duration? = nil) -> CreateTokenRequest {
        CreateTokenRequest(
            kind: .personalAccessToken, operations: operations, lifetime: lifetime, comment: "note")
    }

    @Test func tokenThatNamesNoOperationsAllowsWhatItsMakerDoes() async throws {
        let fixture = try await TemporaryWorkspace()
        let some = OperationSet([.createToken, .listScopes, .listTokens])
        let narrow = try await fixture.services().createToken(request(some))
        let maker = try await bearer(narrow.value, of: fixture, kinds: [.personalAccessToken])
        let made = try await maker.createToken(request())
        #expect(made.description.operations == some)
        await #expect(throws: ScopeError.self) { _ = try await maker.createToken(request(.all)) }
        let user = try await bearer(made.value, of: fixture, kinds: [.personalAccessToken])
        _ = try await user.listScopes()
        await #expect(throws: ScopeError.self) { _ = try await user.currentPrincipal() }
    }

    /// A token is stored, and may be used by versions that have more operations.
    @Test func tokenOfWhoMayDoEverythingAllowsWhatLaterVersionsAdd() async throws {
        let fixture = try await TemporaryWorkspace()
        let made = try await fixture.services().createToken(request())
        #expect(made.description.operations.rawValue == .max)
    }

    @Test func runTokenMakesNoToken() async throws {
        let fixture = try await TemporaryWorkspace()
        let run = try await fixture.services().createToken(
            CreateTokenRequest(kind: .runToken, operations: .writingInRun, lifetime: nil, comment: "run"))
        let services = try await bearer(run.value, of: fixture, kinds: [.runToken])
        let refusal = await #expect(throws: ScopeError.self) { _ = try await services.createToken(request()) }
        #expect(refusal?.code == .permissionDenied)
        await #expect(throws: ScopeError.self) { _ = try await services.listTokens(of: .caller) }
    }

    @Test func listTellsWhatATokenIsAndNotTheRunTokens() async throws {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeUsers("ana@example.com")
        let admin = try fixture.services()
        _ = try await admin.createToken(
            CreateTokenRequest(kind: .runToken, operations: .readingInRun, lifetime: nil, comment: "run"))
        var other = request(lifetime: .seconds(60))
        other.principal = "ana@example.com"
        let made = try await admin.createToken(other)
        #expect(try await admin.listTokens(of: .caller).isEmpty)
        let listed = try await admin.listTokens(of: .everybody)
        #expect(listed == [made.description])
        #expect(listed.first?.owner.name == "ana@example.com")
        #expect(listed.first?.creator == TemporaryWorkspace.administrator)
        #expect(listed.first.map { $0.expires?.rawValue == $0.created.rawValue + 60_000 } == true)
        let ana = try fixture.services(as: "ana@example.com")
        #expect(try await ana.listTokens(of: .caller) == listed)
        #expect(try await ana.listTokens(of: .principal("ANA@example.com")) == listed)
        await #expect(throws: ScopeError.self) { _ = try await ana.listTokens(of: .everybody) }
        await #expect(throws: ScopeError.self) {
            _ = try await ana.listTokens(of: .principal(TemporaryWorkspace.administrator))
        }
    }

    @Test func accessTokenEndsWithTheClientSecretItCameFrom() async throws {
        let fixture = try await TemporaryWorkspace()
        let application = try await fixture.makeServicePrincipal("nightly")
        let secret = try await fixture.services().createClientSecret(for: application, lifetime: nil)
        let gateway = fixture.workspace.gateway(accepting: [.personalAccessToken, .clientSecret])
        let token = try await gateway.accessToken(
            clientID: application.uppercased(), clientSecret: secret.value, origin: Self.origin)
        let services = try await gateway.services(forToken: token.value, origin: Self.origin)
        #expect(try await services.currentPrincipal().name == application)
        try await fixture.services().deleteClientSecret(secret.id, of: application)
        let refusal = await #expect(throws: ScopeError.self) { _ = try await services.currentPrincipal() }
        #expect(refusal?.code == .unauthenticated)
        await #expect(throws: ScopeError.self) {
            _ = try await gateway.services(forToken: token.value, origin: Self.origin)
        }
        #expect(try await fixture.events(.issueAccessToken).count == 1)
    }

    @Test func accessTokenIsNotValidForLongerThanItsClientSecret() async throws {
        let fixture = try await TemporaryWorkspace()
        let application = try await fixture.makeServicePrincipal("nightly")
        let secret = try await fixture.services().createClientSecret(for: application, lifetime: .seconds(60))
        let token = try await fixture.workspace.gateway(accepting: [.clientSecret]).accessToken(
            clientID: application, clientSecret: secret.value, origin: Self.origin)
        #expect(token.lifetime <= .seconds(60))
    }

    @Test func alteredAccessTokenIsRefusedAtEveryByte() async throws {
        let fixture = try await TemporaryWorkspace()
        let application = try await fixture.makeServicePrincipal("nightly")
        let secret = try await fixture.services().createClientSecret(for: application, lifetime: nil)
        let gateway = fixture.workspace.gateway(accepting: [.clientSecret])
        let token = try await gateway.accessToken(
            clientID: application, clientSecret: secret.value, origin: Self.origin)
        let text = token.value.text
        for position in text.indices {
            var altered = text
            altered.replaceSubrange(position...position, with: text[position] == "0" ? "1" : "0")
            await #expect(throws: ScopeError.self, "\(text.distance(from: text.startIndex, to: position))") {
                _ = try await gateway.services(forToken: fixture.secret(altered), origin: Self.origin)
            }
        }
        await #expect(throws: ScopeError.self) {
            _ = try await gateway.services(forToken: fixture.secret(text + "00"), origin: Self.origin)
        }
    }

    @Test func clientSecretIsNoBearerTokenAndATokenIsNoClientSecret() async throws {
        let fixture = try await TemporaryWorkspace()
        let application = try await fixture.makeServicePrincipal("nightly")
        let other = try await fixture.makeServicePrincipal("other")
        let services = try fixture.services()
        let secret = try await services.createClientSecret(for: application, lifetime: nil)
        let personal = try await services.createToken(
            CreateTokenRequest(
                principal: application, kind: .personalAccessToken, operations: nil, lifetime: nil, comment: ""))
        let gateway = fixture.workspace.gateway(accepting: [.personalAccessToken, .clientSecret])
        await #expect(throws: ScopeError.self) {
            _ = try await gateway.services(forToken: secret.value, origin: Self.origin)
        }
        for (client, shown) in [(application, personal.value), (other, secret.value), ("", secret.value)] {
            let refusal = await #expect(throws: ScopeError.self) {
                _ = try await gateway.accessToken(clientID: client, clientSecret: shown, origin: Self.origin)
            }
            #expect(refusal?.code == .unauthenticated)
        }
        // One event a minute and source tells of all of them: two, when a minute ended meanwhile.
        #expect((1...2).contains(try await fixture.events(.authenticate).count))
        await #expect(throws: ScopeError.self) {
            _ = try await fixture.workspace.gateway(accepting: [.personalAccessToken]).accessToken(
                clientID: application, clientSecret: secret.value, origin: Self.origin)
        }
    }

    @Test func clientSecretsNeedAnAdministratorAndAreFew() async throws {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeUsers("ana@example.com")
        let application = try await fixture.makeServicePrincipal("nightly")
        let ana = try fixture.services(as: "ana@example.com")
        await #expect(throws: ScopeError.self) {
            _ = try await ana.createClientSecret(for: application, lifetime: nil)
        }
        await #expect(throws: ScopeError.self) { _ = try await ana.listClientSecrets(of: application) }
        let admin = try fixture.services()
        for _ in 0..<ScopeEngine.Limits.clientSecretsPerPrincipal {
            _ = try await admin.createClientSecret(for: application, lifetime: nil)
        }
        let refusal = await #expect(throws: ScopeError.self) {
            _ = try await admin.createClientSecret(for: application, lifetime: nil)
        }
        #expect(refusal?.code == .resourceLimitExceeded)
        #expect(
            try await admin.listClientSecrets(of: application).count == ScopeEngine.Limits.clientSecretsPerPrincipal)
        #expect(
            try await fixture.workspace.services(runBy: "tester", origin: Self.origin).verify(against: nil) { _, _ in }
                .problems.isEmpty)
    }

    @Test func principalIsShownWithItsGroupsAndMembers() async throws {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeUsers("ana@example.com")
        try await fixture.makeGroup("analysts", of: "ana@example.com")
        let admin = try fixture.services()
        let ana = try #require(try await admin.listPrincipals(kind: .user).first { $0.name == "ana@example.com" })
        let shown = try await admin.principal(ana.id)
        #expect(shown.groups.map(\.name) == ["analysts"] && shown.members.isEmpty)
        let group = try await admin.principal(try #require(shown.groups.first).id)
        #expect(group.members == [ana] && group.groups.isEmpty)
        await #expect(throws: ScopeError.self) {
            _ = try await fixture.services(as: "ana@example.com").principal(ana.id)
        }
    }
}
