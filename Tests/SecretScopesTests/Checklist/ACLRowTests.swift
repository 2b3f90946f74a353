import SecretMemory
import SecretScopes
import Testing
import Workspace
import WorkspaceFixtures

/// The rows of the checklist that are about putting, showing and deleting grants, through the engine.
@Suite struct ACLRowTests {
    private static let root = ACLItem(principal: TemporaryWorkspace.administrator, permission: .manage)

    private func fixture() async throws -> TemporaryWorkspace {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeScope("payments", holding: ["api-key": "tok_live_1"])
        try await fixture.makeUsers("ana@example.com")
        return fixture
    }

    @Test("Row 55: a second put replaces the first, also by less")
    func replaced() async throws {
        let fixture = try await fixture()
        let services = try fixture.services()
        for (name, permission) in [("ana@example.com", "MANAGE"), ("ANA@example.com", "READ")] {
            try await services.putACL(scope: "payments", principal: name, permission: permission)
        }
        #expect(
            try await services.listACLs(scope: "payments") == [
                ACLItem(principal: "ana@example.com", permission: .read), Self.root,
            ])
        await #expect(throws: ScopeError.denied("ana@example.com", .manage, on: "payments")) {
            try await fixture.services(as: "ana@example.com").listACLs(scope: "payments")
        }
    }

    @Test("Row 56: what was put is shown, and counts, at once, also by another process", arguments: Permission.allCases)
    func shownAtOnce(permission: Permission) async throws {
        let fixture = try await fixture()
        let others = try await fixture.reopened()
        await #expect(throws: ScopeError.denied("ana@example.com", .read, on: "payments")) {
            try await others.secrets(as: "ana@example.com").getSecret(scope: "payments", key: "api-key")
        }
        try await fixture.allow("ana@example.com", permission, on: "payments")
        let item = ACLItem(principal: "ana@example.com", permission: permission)
        for services in [try fixture.services() as any SecretService, try others.secrets()] {
            #expect(try await services.getACL(scope: "payments", principal: "ANA@example.com") == item)
            #expect(try await services.listACLs(scope: "payments") == [item, Self.root])
        }
        _ = try await others.secrets(as: "ana@example.com").getSecret(scope: "payments", key: "api-key")
    }

    @Test(
        "Row 57: a permission that does not exist is refused",
        arguments: ["CAN_MANAGE", "", "READ ", "READ,WRITE", "NONE", "0", "WR\u{131}TE", "ＲＥＡＤ", "MANAGE\0"]
    )
    func unknownPermission(permission: String) async throws {
        let fixture = try await fixture()
        await expectRefusal(.invalidParameterValue) {
            try await fixture.services().putACL(
                scope: "payments", principal: "ana@example.com", permission: permission)
        }
        #expect(try await fixture.services().listACLs(scope: "payments") == [Self.root])
    }

    @Test(
        "Row 58: a principal that does not exist is refused",
        arguments: ["nobody@example.com", "ana", "", "\u{430}na@example.com", "ana@example.com\0", "ana@example.com\n"]
    )
    func unknownPrincipal(name: String) async throws {
        let fixture = try await fixture()
        await expectRefusal(.invalidParameterValue) {
            try await fixture.services().putACL(scope: "payments", principal: name, permission: "READ")
        }
        #expect(try await fixture.services().listACLs(scope: "payments") == [Self.root])
    }

    @Test("Row 59: a grant on a scope that is not there is refused")
    func missingScope() async throws {
        let fixture = try await fixture()
        await #expect(throws: ScopeError(.resourceDoesNotExist, "Scope nope does not exist!")) {
            try await fixture.services().putACL(scope: "nope", principal: "ana@example.com", permission: "READ")
        }
    }

    @Test("Row 60: showing a grant that is not there is refused, also when a group's grant counts")
    func noGrant() async throws {
        let fixture = try await fixture()
        try await fixture.makeGroup("analysts", of: "ana@example.com")
        try await fixture.allow("analysts", .read, on: "payments")
        for name in ["ana@example.com", "users", "admins", "nobody@example.com"] {
            await expectRefusal(.resourceDoesNotExist, "\(name)") {
                try await fixture.services().getACL(scope: "payments", principal: name)
            }
        }
    }

    @Test("Row 61: deleting a grant that is not there is refused")
    func noGrantToDelete() async throws {
        let fixture = try await fixture()
        try await fixture.allow("ana@example.com", .read, on: "payments")
        try await fixture.services().deleteACL(scope: "payments", principal: "ANA@example.com")
        for name in ["ana@example.com", "users", "nobody@example.com"] {
            await expectRefusal(.resourceDoesNotExist, "\(name)") {
                try await fixture.services().deleteACL(scope: "payments", principal: name)
            }
        }
        #expect(try await fixture.services().listACLs(scope: "payments") == [Self.root])
    }

    @Test("Row 62: a list holds every grant once, by principal")
    func listed() async throws {
        let fixture = try await fixture()
        try await fixture.makeGroup("Analysts", of: "ana@example.com")
        try await fixture.allow("Analysts", .write, on: "payments")
        try await fixture.allow("users", .read, on: "payments")
        #expect(
            try await fixture.services().listACLs(scope: "payments") == [
                ACLItem(principal: "Analysts", permission: .write), Self.root,
                ACLItem(principal: "users", permission: .read),
            ])
    }

    @Test("Row 63: a service principal stands in an ACL by its application id, not by its display name")
    func servicePrincipal() async throws {
        let fixture = try await fixture()
        let job = try await fixture.makeServicePrincipal("nightly job")
        #expect(job.wholeMatch(of: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/) != nil)
        try await fixture.allow(job.uppercased(), .read, on: "payments")
        #expect(
            try await fixture.services().listACLs(scope: "payments").contains(
                ACLItem(principal: job, permission: .read)))
        await expectRefusal(.invalidParameterValue) {
            try await fixture.services().putACL(scope: "payments", principal: "nightly job", permission: "READ")
        }
        #expect(
            try await fixture.services(as: job).getSecret(scope: "payments", key: "api-key").value.text == "tok_live_1")
    }

    @Test("Row 64: the last MANAGE can be deleted, and then only an administrator can repair the scope")
    func lastManager() async throws {
        let fixture = try await fixture()
        let ana = try fixture.services(as: "ana@example.com")
        try await ana.createScope(CreateScopeRequest(scope: "hers"))
        try await ana.deleteACL(scope: "hers", principal: "ana@example.com")
        let refusal = ScopeError.denied("ana@example.com", .manage, on: "hers")
        await #expect(throws: refusal) { try await ana.deleteScope("hers") }
        await #expect(throws: refusal) {
            try await ana.putACL(scope: "hers", principal: "ana@example.com", permission: "MANAGE")
        }
        try await fixture.allow("ana@example.com", .manage, on: "hers")
        try await ana.deleteACL(scope: "hers", principal: "ana@example.com")
        try await fixture.services().deleteScope("hers")
        #expect(try await ana.listScopes().map(\.name) == ["payments"])
    }

    @Test("Row 105: of many puts at the same time every one is there afterwards")
    func parallelPuts() async throws {
        let fixture = try await fixture()
        let names = (1...10).map { "user-\($0)@example.com" }
        for name in names { try await fixture.makeUsers(name) }
        let other = try await fixture.reopened().secrets()
        let mine: any SecretService = try fixture.services()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (position, name) in names.enumerated() {
                let secrets = position.isMultiple(of: 2) ? mine : other
                group.addTask { try await secrets.putACL(scope: "payments", principal: name, permission: "WRITE") }
            }
            try await group.waitForAll()
        }
        let expected = names.map { ACLItem(principal: $0, permission: .write) } + [Self.root]
        for services in [mine, other] {
            let listed = try await services.listACLs(scope: "payments")
            #expect(listed.count == expected.count && Set(listed) == Set(expected))
        }
    }
}
