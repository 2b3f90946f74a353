import SecretMemory
import SecretScopes
import Testing
import Workspace
import WorkspaceFixtures

/// What becomes of a principal, and of what it had, when it is deleted, made again, or deactivated.
@Suite struct PrincipalLifeTests {
    private static let ana = "ana@example.com"

    /// A workspace with the scope `payments`, which holds `api-key`, and the user Ana.
    private func fixture() async throws -> TemporaryWorkspace {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeScope("payments", holding: ["api-key": "tok_live_1"])
        try await fixture.makeUsers(Self.ana)
        return fixture
    }

    private func read(as principal: String, in fixture: TemporaryWorkspace) async throws {
        _ = try await fixture.services(as: principal).getSecret(scope: "payments", key: "api-key")
    }

    private func token(of principal: String? = nil, by services: any IdentityService) async throws -> IssuedToken {
        try await services.createToken(
            CreateTokenRequest(
                principal: principal, kind: .personalAccessToken, operations: .all, lifetime: nil, comment: ""))
    }

    private func bearer(of token: IssuedToken, in fixture: TemporaryWorkspace) async throws -> any WorkspaceServices {
        try await fixture.workspace.gateway(accepting: [.personalAccessToken]).services(
            forToken: token.value, origin: RequestOrigin(surface: .rest))
    }

    // MARK: Deleted and made again

    @Test(arguments: PrincipalKind.allCases)
    func anIDIsNeverUsedAgain(kind: PrincipalKind) async throws {
        let fixture = try await TemporaryWorkspace()
        let services = try fixture.services()
        var ids: [PrincipalID] = []
        for _ in 1...20 {
            let principal = try await services.createPrincipal(kind: kind, name: "same name")
            ids.append(principal.id)
            try await services.deletePrincipal(kind: kind, name: principal.name)
        }
        #expect(Set(ids).count == 20)
        // The record tells them apart.
        for operation in [Operation.createPrincipal, .deletePrincipal] {
            let recorded = try await fixture.events(operation).flatMap(\.parameters).filter {
                $0.name == "principal_id"
            }
            #expect(recorded.map(\.value) == ids.map(\.description))
        }
    }

    @Test func aUserMadeAgainInheritsNothing() async throws {
        let fixture = try await fixture()
        let services = try fixture.services()
        try await fixture.makeUsers("bob@example.com")
        try await fixture.makeGroup("analysts", of: Self.ana)
        try await fixture.makeGroup("finance", of: Self.ana)
        try await services.addGroupMember(Self.ana, to: "admins")
        try await fixture.allow("finance", .write, on: "payments")
        try await fixture.allow(Self.ana, .manage, on: "payments")
        let ana = try fixture.services(as: Self.ana)
        try await ana.createScope(CreateScopeRequest(scope: "hers"))
        let hers = try await token(by: ana)
        let bobs = try await token(of: "bob@example.com", by: ana)
        let bearer = try await bearer(of: hers, in: fixture)
        try await services.deletePrincipal(kind: .user, name: Self.ana)
        _ = try await services.createPrincipal(kind: .user, name: "ANA@example.com")

        // Grants, her own and those of her groups.
        await #expect(throws: ScopeError.denied("ANA@example.com", .read, on: "payments")) {
            try await read(as: Self.ana, in: fixture)
        }
        for scope in ["payments", "hers"] {
            #expect(try await !services.listACLs(scope: scope).map(\.principal).contains("ANA@example.com"))
        }
        // Memberships, and with them the right to administer.
        for group in ["analysts", "finance", "admins"] {
            #expect(try await !services.groupMembers(group).map(\.name).contains("ANA@example.com"))
        }
        await expectRefusal(.permissionDenied) {
            try await fixture.services(as: Self.ana).listPrincipals(kind: .user)
        }
        // Her token, also where it was accepted before.
        await expectRefusal(.unauthenticated) { try await bearer.currentPrincipal() }
        await expectRefusal(.unauthenticated) { try await self.bearer(of: hers, in: fixture) }
        // What she owned: the scope that she made, and the token that she made for somebody else.
        await #expect(throws: ScopeError.denied("ANA@example.com", .manage, on: "hers")) {
            try await fixture.services(as: Self.ana).deleteScope("hers")
        }
        await expectRefusal(.resourceDoesNotExist) {
            try await fixture.services(as: Self.ana).revokeToken(bobs.id)
        }
        #expect(try await self.bearer(of: bobs, in: fixture).currentPrincipal().name == "bob@example.com")
        // Whoever acted as the former Ana does not act as the new one.
        await expectRefusal(.unauthenticated) { try await ana.listScopes() }
        #expect(try await services.verify(against: nil) { _, _ in }.problems == [])
    }

    @Test func aGroupMadeAgainHasNoMembersNoGrantsAndNoParents() async throws {
        let fixture = try await fixture()
        let services = try fixture.services()
        try await fixture.makeGroup("analysts", of: Self.ana)
        try await fixture.makeGroup("finance", of: "analysts")
        try await fixture.allow("analysts", .read, on: "payments")
        try await fixture.allow("finance", .write, on: "payments")
        try await read(as: Self.ana, in: fixture)
        try await services.deletePrincipal(kind: .group, name: "analysts")
        await #expect(throws: ScopeError.denied(Self.ana, .read, on: "payments")) {
            try await read(as: Self.ana, in: fixture)
        }
        try await fixture.makeGroup("analysts")
        #expect(try await services.groupMembers("analysts").isEmpty)
        #expect(try await services.groupMembers("finance").isEmpty)
        await expectRefusal(.resourceDoesNotExist) {
            try await services.getACL(scope: "payments", principal: "analysts")
        }
        try await services.addGroupMember(Self.ana, to: "analysts")
        await #expect(throws: ScopeError.denied(Self.ana, .read, on: "payments")) {
            try await read(as: Self.ana, in: fixture)
        }
    }

    @Test func aNameMayComeBackAsAnotherKind() async throws {
        let fixture = try await fixture()
        let services = try fixture.services()
        try await fixture.makeUsers("finance")
        try await fixture.allow("finance", .manage, on: "payments")
        try await services.deletePrincipal(kind: .user, name: "finance")
        try await fixture.makeGroup("finance", of: Self.ana)
        await #expect(throws: ScopeError.denied(Self.ana, .read, on: "payments")) {
            try await read(as: Self.ana, in: fixture)
        }
        await expectRefusal(.invalidParameterValue) { try fixture.services(as: "finance") }
        await expectRefusal(.resourceDoesNotExist) { try await services.deletePrincipal(kind: .user, name: "finance") }
    }

    @Test func theRecordTellsTwoOfTheSameNameApart() async throws {
        let fixture = try await fixture()
        let services = try fixture.services()
        try await fixture.allow(Self.ana, .read, on: "payments")
        try await read(as: Self.ana, in: fixture)
        try await services.deletePrincipal(kind: .user, name: Self.ana)
        try await fixture.makeUsers(Self.ana)
        await expectRefusal(.permissionDenied) { try await read(as: Self.ana, in: fixture) }
        let readers = try await services.readers(scope: "payments", key: "api-key")
        #expect(readers.map(\.principal) == [Self.ana, Self.ana])
        #expect(Set(readers.map(\.principalID)).count == 2)
        #expect(Set(readers.map { [$0.reads, $0.refusals] }) == [[1, 0], [0, 1]])
    }

    @Test func aDeletionNotesEveryRowThatWentWithIt() async throws {
        let fixture = try await fixture()
        let services = try fixture.services()
        try await fixture.makeScope("other")
        try await fixture.makeGroup("analysts", of: Self.ana)
        try await fixture.makeGroup("finance", of: "analysts", Self.ana)
        for scope in ["payments", "other"] { try await fixture.allow(Self.ana, .read, on: scope) }
        try await fixture.allow("analysts", .read, on: "payments")
        for _ in 1...3 { _ = try await token(of: Self.ana, by: services) }

        try await services.deletePrincipal(kind: .user, name: Self.ana)
        try await services.deletePrincipal(kind: .group, name: "analysts")
        let events = try await fixture.events(.deletePrincipal)
        func count(_ event: AuditEvent) -> [RowTable: Int] {
            event.effects.reduce(into: [:]) { $0[$1.table, default: 0] += 1 }
        }
        #expect(events.count == 2)
        #expect(count(events[0]) == [.grant: 2, .membership: 2, .credential: 3, .principal: 1])
        // One row as a member, none as a group: Ana is gone by now.
        #expect(count(events[1]) == [.grant: 1, .membership: 1, .principal: 1])
        #expect(events.flatMap(\.effects).allSatisfy { $0.code == nil })
        #expect(events.flatMap(\.effects).count == Set(events.flatMap(\.effects)).count)
        #expect(
            events.map { $0.parameters.map(\.name) } == [
                ["kind", "name", "principal_id"], ["kind", "name", "principal_id"],
            ])
        #expect(try await services.verify(against: nil) { _, _ in }.problems == [])
    }

    // MARK: Reserved names

    @Test func reservedNamesCannotBeTakenOrGiven() async throws {
        let fixture = try await fixture()
        let services = try fixture.services()
        try await fixture.makeGroup("analysts")
        for name in ["users", "USERS", "admins", "Admins"] {
            for kind in [PrincipalKind.user, .group] {
                await expectRefusal(.resourceAlreadyExists) {
                    try await services.createPrincipal(kind: kind, name: name)
                }
            }
            await expectRefusal(.badRequest) { try await services.deletePrincipal(kind: .group, name: name) }
            await expectRefusal(.invalidParameterValue) {
                _ = try await Workspace.create(
                    in: fixture.folder + "/another",
                    keyProvider: KeyFileProvider(path: fixture.folder + "/another.key", pool: fixture.pool),
                    administrator: name,
                    runBy: "tester",
                    pool: fixture.pool
                )
            }
        }
        await expectRefusal(.badRequest) { try await services.addGroupMember(Self.ana, to: "users") }
        await expectRefusal(.badRequest) { try await services.removeGroupMember(Self.ana, from: "users") }
        await expectRefusal(.invalidParameterValue) { try await services.addGroupMember("users", to: "analysts") }
        await expectRefusal(.invalidParameterValue) { try await services.addGroupMember("users", to: "admins") }
        await expectRefusal(.invalidParameterValue) { try await services.addGroupMember("analysts", to: "Analysts") }
        #expect(
            try await services.groupMembers("users").map(\.name) == [Self.ana, TemporaryWorkspace.administrator])
    }

    // MARK: Deactivated

    @Test func aDeactivatedPrincipalIsRefusedEverythingUntilItIsActiveAgain() async throws {
        let fixture = try await fixture()
        let services = try fixture.services()
        let other = try await fixture.reopened()
        try await fixture.makeGroup("analysts", of: Self.ana)
        try await fixture.allow("analysts", .manage, on: "payments")
        let token = try await token(of: Self.ana, by: services)
        let callers: [any SecretService] = [
            try fixture.services(as: Self.ana), try other.secrets(as: Self.ana),
            try await bearer(of: token, in: fixture),
        ]
        for caller in callers { _ = try await caller.getSecret(scope: "payments", key: "api-key") }
        try await services.setActive(false, kind: .user, name: "ANA@example.com")
        let refusal = ScopeError(.permissionDenied, "User ana@example.com is not active. Ask an administrator.")
        for caller in callers {
            await #expect(throws: refusal) { try await caller.getSecret(scope: "payments", key: "api-key") }
            await #expect(throws: refusal) { try await caller.listScopes() }
            await #expect(throws: refusal) { try await caller.createScope(CreateScopeRequest(scope: "hers")) }
        }
        #expect(try await fixture.events(.getSecret).map(\.statusCode) == [200, 200, 200, 403, 403, 403])
        #expect(try await services.listPrincipals(kind: .user).map(\.isActive) == [false, true])
        #expect(try await services.groupMembers("analysts").map(\.isActive) == [false])
        try await services.setActive(true, kind: .user, name: Self.ana)
        for caller in callers { _ = try await caller.getSecret(scope: "payments", key: "api-key") }
        #expect(try await services.verify(against: nil) { _, _ in }.problems == [])
    }

    @Test func deactivatingIsForAdministratorsAndRecorded() async throws {
        let fixture = try await fixture()
        let services = try fixture.services()
        let job = try await fixture.makeServicePrincipal("nightly job")
        await expectRefusal(.permissionDenied) {
            try await fixture.services(as: Self.ana).setActive(false, kind: .servicePrincipal, name: job)
        }
        // Twice is as good as once.
        for _ in 1...2 { try await services.setActive(false, kind: .servicePrincipal, name: job) }
        let events = try await fixture.events(.deactivatePrincipal)
        #expect(events.map(\.statusCode) == [403, 200, 200])
        #expect(events.map(\.effects.count) == [0, 1, 0])
        #expect(events.allSatisfy { $0.operation.serviceName == "accounts" })
        await expectRefusal(.resourceDoesNotExist) { try await services.setActive(false, kind: .user, name: job) }
        await expectRefusal(.invalidParameterValue) {
            try await services.setActive(false, kind: .group, name: "admins")
        }
        try await services.setActive(true, kind: .servicePrincipal, name: job)
        #expect(try await fixture.services(as: job).currentPrincipal().isActive)
        #expect(try await fixture.events(.activatePrincipal).map(\.statusCode) == [200])
    }
}
