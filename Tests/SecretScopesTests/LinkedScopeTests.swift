import SecretMemory
import SecretScopes
import Testing
import Workspace
import WorkspaceFixtures

@Suite("Linked scopes: who may, and what the record says")
struct LinkedScopeTests {
    private let vaults = ScriptedVaults()

    /// A workspace with the scope `app` linked by the administrator `owner`, whose credential is `ops/token`, and with
    /// `ana`, who may read it.
    private func linked(options: [String: String] = [:]) async throws -> TemporaryWorkspace {
        let fixture = try await TemporaryWorkspace(vaults: vaults)
        try await fixture.makeScope("ops", holding: ["token": "s.credential"])
        try await fixture.makeUsers("owner@example.com", "ana@example.com", "bob@example.com")
        try await fixture.services().addGroupMember("owner@example.com", to: "admins")
        try await fixture.services(as: "owner@example.com").linkScope(
            LinkScopeRequest(
                scope: "app", address: "vault://vault.example.com/secret/app", options: options,
                credential: "{{secrets/ops/token}}"))
        try await fixture.allow("ana@example.com", .read, on: "app")
        return fixture
    }

    @Test func aValueIsReadThroughTheLinkAndTheRecordNamesVaultVersionAndCredential() async throws {
        let fixture = try await linked()
        let secret = try await fixture.services(as: "ana@example.com").getSecret(scope: "App", key: "DB")
        #expect(secret.value.text == "hunter2")
        #expect(vaults.calls == ["read DB"])
        let event = try #require(try await fixture.events(.getSecret).last)
        #expect(event.actor.name == "ana@example.com" && event.error == nil)
        #expect(event.subject.scope == "app" && event.subject.key == "DB")
        #expect(
            event.parameters.map { [$0.name, $0.value] } == [
                ["vault", "vault"], ["link_credential", "ops/token v1"], ["vault_version", "v7"],
            ])
        #expect(try await fixture.services().verify(against: nil) { _, _ in }.problems == [])
    }

    @Test func whoMayNotReadReachesNoVaultAndIsRecorded() async throws {
        let fixture = try await linked()
        let error = await #expect(throws: ScopeError.self) {
            try await fixture.services(as: "bob@example.com").getSecret(scope: "app", key: "db")
        }
        #expect(error?.code == .permissionDenied)
        #expect(vaults.calls == [])
        let event = try #require(try await fixture.events(.getSecret).last)
        #expect(event.actor.name == "bob@example.com" && event.error?.code == .permissionDenied)
    }

    @Test func theCredentialIsReadAsTheOwnerWithAnEventThatNamesTheLink() async throws {
        let fixture = try await linked()
        vaults.during { access in
            let credential = try await access.readCredential?()
            #expect(credential?.text == "s.credential")
        }
        _ = try await fixture.services(as: "ana@example.com").getSecret(scope: "app", key: "db")
        let events = try await fixture.events(.getSecret).suffix(2)
        #expect(events.map(\.actor.name) == ["owner@example.com", "ana@example.com"])
        let first = try #require(events.first)
        #expect(first.subject.scope == "ops" && first.subject.key == "token")
        #expect(first.parameters.map { [$0.name, $0.value] } == [["reason", "link of app"]])
    }

    @Test func theLinkStopsWhenItsOwnerLosesREADOnTheCredential() async throws {
        let fixture = try await linked()
        try await fixture.services().removeGroupMember("owner@example.com", from: "admins")
        let error = await #expect(throws: ScopeError.self) {
            try await fixture.services(as: "ana@example.com").getSecret(scope: "app", key: "db")
        }
        #expect(error?.code == .permissionDenied)
        #expect(error?.message.contains("owner@example.com, may not read its credential any more") == true)
        #expect(vaults.calls == [])
        try await fixture.allow("owner@example.com", .read, on: "ops")
        #expect(
            try await fixture.services(as: "ana@example.com").getSecret(scope: "app", key: "db").value.text == "hunter2"
        )
    }

    @Test func aLinkThatUsesTheMachineStopsWhenItsOwnerIsNoAdministrator() async throws {
        let fixture = try await linked()
        try await fixture.services(as: "owner@example.com").linkScope(
            LinkScopeRequest(scope: "machine", address: "vault://vault.example.com/secret/app"))
        _ = try await fixture.services().getSecret(scope: "machine", key: "db")
        try await fixture.services().removeGroupMember("owner@example.com", from: "admins")
        let error = await #expect(throws: ScopeError.self) {
            try await fixture.services().getSecret(scope: "machine", key: "db")
        }
        #expect(error?.code == .permissionDenied && error?.message.contains("no administrator any more") == true)
    }

    @Test func whatTheRecordCannotTakeIsNotHandedOver() async throws {
        let fixture = try await linked()
        // The right goes while the vault is being asked: the decision at the event's commit counts.
        vaults.during { _ in
            try await fixture.services().deleteACL(scope: "app", principal: "ana@example.com")
        }
        let error = await #expect(throws: ScopeError.self) {
            try await fixture.services(as: "ana@example.com").getSecret(scope: "app", key: "db")
        }
        #expect(error?.code == .permissionDenied)
        #expect(try await fixture.events(.getSecret).last?.error?.code == .permissionDenied)
    }

    @Test func aTokenThatEndsWhileTheVaultIsAskedGetsNothing() async throws {
        let fixture = try await linked()
        let token = try await fixture.services(as: "ana@example.com").createToken(
            CreateTokenRequest(
                kind: .personalAccessToken, operations: nil, lifetime: .milliseconds(500), comment: ""))
        let bearer = try await fixture.workspace.gateway(accepting: [.personalAccessToken])
            .services(forToken: token.value, origin: RequestOrigin(surface: .rest))
        let end = try #require(token.description.expires)
        vaults.during { _ in
            while SystemWallClock().now() < end { try await Task.sleep(for: .milliseconds(10)) }
        }
        let error = await #expect(throws: ScopeError.self) { try await bearer.getSecret(scope: "app", key: "db") }
        #expect(error?.code == .unauthenticated)
        #expect(vaults.calls == ["read db"])
        #expect(try await fixture.events(.getSecret).last?.error?.code == .unauthenticated)
    }

    @Test func whatIsDecidedFromMemoryIsRecordedLikeTheFirstUse() async throws {
        let fixture = try await linked()
        let services = try fixture.services(as: "ana@example.com")
        for _ in 0..<3 { _ = try await services.getSecret(scope: "app", key: "db") }
        let events = try await fixture.events(.getSecret).suffix(3)
        #expect(Set(events.map(\.parameters)).count == 1 && Set(events.map(\.subject)).count == 1)
        #expect(events.allSatisfy { $0.actor.name == "ana@example.com" && $0.error == nil })
        for _ in 0..<2 {
            await #expect(throws: ScopeError.self) {
                try await fixture.services(as: "bob@example.com").getSecret(scope: "app", key: "db")
            }
        }
        #expect(try await fixture.events(.getSecret).suffix(2).allSatisfy { $0.error?.code == .permissionDenied })
        #expect(try await fixture.services().verify(against: nil) { _, _ in }.problems == [])
    }

    @Test func aRightThatAnotherProcessTookAwayReachesNoVault() async throws {
        let fixture = try await linked()
        let services = try fixture.services(as: "ana@example.com")
        for _ in 0..<2 { _ = try await services.getSecret(scope: "app", key: "db") }
        try await fixture.reopened().services(runBy: "tester", origin: RequestOrigin(surface: .library))
            .deleteACL(scope: "app", principal: "ana@example.com")
        let error = await #expect(throws: ScopeError.self) { try await services.getSecret(scope: "app", key: "db") }
        #expect(error?.code == .permissionDenied)
        #expect(vaults.calls == ["read db", "read db"])
    }

    @Test func aLinkThatChangesMeanwhileIsUsedAnew() async throws {
        let fixture = try await linked()
        vaults.during { _ in
            try await fixture.services().linkScope(
                LinkScopeRequest(
                    scope: "app", address: "vault://vault.example.com/secret/other",
                    credential: "{{secrets/ops/token}}"))
        }
        _ = try await fixture.services(as: "ana@example.com").getSecret(scope: "app", key: "db")
        #expect(vaults.calls == ["read db", "read db"])
        #expect(try await fixture.events(.getSecret).filter { $0.subject.scope == "app" }.count == 1)
    }

    @Test func onlyAdministratorsLink() async throws {
        let fixture = try await linked()
        try await fixture.allow("bob@example.com", .manage, on: "app")
        for scope in ["app", "new"] {
            let error = await #expect(throws: ScopeError.self) {
                try await fixture.services(as: "bob@example.com").linkScope(
                    LinkScopeRequest(scope: scope, address: "vault://evil.example.com/secret/app"))
            }
            #expect(error?.code == .permissionDenied)
        }
        #expect(try await fixture.events(.linkScope).suffix(2).allSatisfy { $0.error?.code == .permissionDenied })
    }

    /// To look at a link files are read, which tells whoever may not link nothing, and keeps no transaction waiting.
    @Test func aLinkIsLookedAtForAdministratorsAlone() async throws {
        let fixture = try await linked()
        let before = vaults.validations
        let error = await #expect(throws: ScopeError.self) {
            try await fixture.services(as: "bob@example.com").linkScope(
                LinkScopeRequest(scope: "new", address: "not an address"))
        }
        #expect(error?.code == .permissionDenied)
        #expect(vaults.validations == before)
        let refusal = await #expect(throws: ScopeError.self) {
            try await fixture.services().linkScope(LinkScopeRequest(scope: "new", address: "not an address"))
        }
        #expect(refusal?.code == .invalidParameterValue)
        #expect(vaults.validations == before + 1)
        // Refused or not, it is recorded.
        #expect(
            try await fixture.events(.linkScope).suffix(2).map { $0.error?.code } == [
                .permissionDenied, .invalidParameterValue,
            ])
    }

    @Test func changingTheAddressDropsTheCredential() async throws {
        let fixture = try await linked()
        let services = try fixture.services()
        try await services.linkScope(
            LinkScopeRequest(scope: "app", address: "vault://vault.example.com/secret/elsewhere"))
        #expect(try await services.scopeLink(of: "app")?.credential == "{{secrets/ops/token}}")
        try await services.linkScope(LinkScopeRequest(scope: "app", address: "vault://other.example.com/secret/app"))
        #expect(try await services.scopeLink(of: "app")?.credential == nil)
    }

    @Test func aScopeWithSecretsOfItsOwnCannotBeLinked() async throws {
        let fixture = try await linked()
        let error = await #expect(throws: ScopeError.self) {
            try await fixture.services().linkScope(LinkScopeRequest(scope: "ops", address: "vault://v.example.com/s/a"))
        }
        #expect(error?.code == .invalidState)
        #expect(try await fixture.services().getSecret(scope: "ops", key: "token").value.text == "s.credential")
    }

    @Test(arguments: ["{{secrets/nowhere/token}}", "{{secrets/ops/nothing}}", "{{secrets/app/db}}"])
    func aCredentialThatIsNotThereIsRefused(reference: String) async throws {
        let fixture = try await linked()
        await #expect(throws: ScopeError.self) {
            try await fixture.services().linkScope(
                LinkScopeRequest(scope: "app", address: "vault://vault.example.com/secret/app", credential: reference))
        }
        #expect(try await fixture.services().scopeLink(of: "app")?.credential == "{{secrets/ops/token}}")
    }

    @Test func unlinkingLeavesANativeScopeWithItsACL() async throws {
        let fixture = try await linked()
        try await fixture.services().unlinkScope("app")
        try await fixture.put("native", scope: "app", key: "db")
        #expect(
            try await fixture.services(as: "ana@example.com").getSecret(scope: "app", key: "db").value.text == "native")
        #expect(try await fixture.services().listScopes().first { $0.name == "app" }?.link == nil)
        #expect(try await fixture.services().verify(against: nil) { _, _ in }.problems == [])
    }

    @Test func aChangeInAVaultIsRecordedBeforeItBeginsAndAtItsEnd() async throws {
        let fixture = try await linked(options: ["writable": "true"])
        try await fixture.services().putSecret(
            PutSecretRequest(scope: "app", key: "new", stringValue: fixture.secret("value")))
        let events = try await fixture.events(.putSecret).suffix(2)
        #expect(events.map { $0.parameters.last?.value } == ["begin", "end"])
        #expect(events.last?.parameters.contains { $0.name == "vault_version" && $0.value == "v8" } == true)
        try await fixture.services().deleteSecret(scope: "app", key: "new")
        #expect(vaults.calls == ["put new", "delete new"])
    }

    @Test func aReadOnlyLinkRefusesAChangeWithOneEvent() async throws {
        let fixture = try await linked()
        let error = await #expect(throws: ScopeError.self) {
            try await fixture.services().putSecret(
                PutSecretRequest(scope: "app", key: "new", stringValue: fixture.secret("value")))
        }
        #expect(error?.code == .badRequest)
        #expect(try await fixture.events(.putSecret).filter { $0.subject.scope == "app" }.map(\.statusCode) == [400])
    }

    @Test func readersOfALinkedSecretAreKnown() async throws {
        let fixture = try await linked()
        _ = try await fixture.services(as: "ana@example.com").getSecret(scope: "app", key: "db")
        let readers = try await fixture.services().readers(scope: "app", key: "db")
        #expect(readers.map(\.principal) == ["ana@example.com"])
    }

    @Test(arguments: [
        (MinimumRedaction.literal, MinimumRedaction.encoded, MinimumRedaction.encoded), (.strict, .encoded, .strict),
        (.encoded, .literal, .encoded),
    ])
    func aVaultMayAskForMoreRedactionThanTheScopeAndNeverForLess(
        own: MinimumRedaction, vaults: MinimumRedaction, expected: MinimumRedaction
    ) async throws {
        let fixture = try await linked()
        try await fixture.services().setMinimumRedaction(own, of: "app")
        self.vaults.setMinimumRedaction(vaults)
        let secret = try await fixture.services(as: "ana@example.com").getSecret(scope: "app", key: "db")
        #expect(secret.minimumRedaction == expected)
    }

    @Test func aLinkedScopesListIsTheVaults() async throws {
        let fixture = try await linked()
        #expect(try await fixture.services(as: "ana@example.com").listSecrets(scope: "app").map(\.key) == ["db"])
        #expect(try await fixture.events(.listSecrets).last?.error == nil)
    }

    @Test func anAlteredLinkIsNeverUsed() async throws {
        let fixture = try await linked()
        try StoreFile(of: fixture).alter("UPDATE scope SET settings = flip(settings) WHERE folded_name = 'app'")
        let workspace = try await fixture.reopened()
        let services = try workspace.services(runBy: "tester", origin: RequestOrigin(surface: .library))
        let error = await #expect(throws: ScopeError.self) { try await services.getSecret(scope: "app", key: "db") }
        #expect(error?.code == .dataLoss)
        #expect(vaults.calls == [])
    }
}
