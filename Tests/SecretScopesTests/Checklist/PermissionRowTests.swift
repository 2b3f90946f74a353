import SecretMemory
import SecretScopes
import Testing
import WorkspaceFixtures

/// The rows of the checklist that are about who may do what, through the engine.
@Suite struct PermissionRowTests {
    private static let ana = "ana@example.com"

    /// A call, and the permission that it needs.
    struct Call: CustomTestStringConvertible {
        let testDescription: String
        let needs: Permission
        let perform: @Sendable (any SecretService, TemporaryWorkspace) async throws -> Void

        init(
            _ name: String, needs permission: Permission,
            _ perform: @escaping @Sendable (any SecretService, TemporaryWorkspace) async throws -> Void
        ) {
            self.testDescription = name
            self.needs = permission
            self.perform = perform
        }
    }

    /// Every call that needs a permission, in an order in which all of them can be done one after the other.
    static let calls: [Call] = [
        Call("get", needs: .read) { secrets, _ in
            let secret = try await secrets.getSecret(scope: "payments", key: "api-key")
            #expect(secret.value.text == "tok_live_1")
        },
        Call("list", needs: .read) { secrets, _ in
            let secrets = try await secrets.listSecrets(scope: "payments")
            #expect(secrets.map(\.key) == ["api-key"])
        },
        Call("put", needs: .write) { secrets, fixture in
            try await secrets.putSecret(
                PutSecretRequest(scope: "payments", key: "new", stringValue: fixture.secret("a")))
        },
        Call("delete", needs: .write) { secrets, _ in
            try await secrets.deleteSecret(scope: "payments", key: "new")
        },
        Call("put ACL", needs: .manage) { secrets, _ in
            try await secrets.putACL(scope: "payments", principal: "users", permission: "READ")
        },
        Call("get ACL", needs: .manage) { secrets, _ in
            let item = try await secrets.getACL(scope: "payments", principal: "users")
            #expect(item == ACLItem(principal: "users", permission: .read))
        },
        Call("list ACLs", needs: .manage) { secrets, _ in
            let items = try await secrets.listACLs(scope: "payments")
            #expect(items.contains { $0.principal == "users" })
        },
        Call("delete ACL", needs: .manage) { secrets, _ in
            try await secrets.deleteACL(scope: "payments", principal: "users")
        },
        Call("delete scope", needs: .manage) { secrets, _ in try await secrets.deleteScope("payments") },
    ]

    private static func calls(needing permissions: Permission...) -> [Call] {
        calls.filter { permissions.contains($0.needs) }
    }

    private func fixture() async throws -> TemporaryWorkspace {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeScope("payments", holding: ["api-key": "tok_live_1"])
        try await fixture.makeUsers(Self.ana)
        return fixture
    }

    private func expectAllowed(_ calls: [Call], to principal: String, in fixture: TemporaryWorkspace) async throws {
        for call in calls {
            do {
                try await call.perform(fixture.services(as: principal), fixture)
            } catch {
                Issue.record("\(call.testDescription): \(error)")
            }
        }
    }

    private func expectRefused(_ calls: [Call], to principal: String, in fixture: TemporaryWorkspace) async throws {
        let services = try fixture.services(as: principal)
        for call in calls {
            let refusal = ScopeError.denied(principal, call.needs, on: "payments")
            await #expect(throws: refusal, "\(call.testDescription)") { try await call.perform(services, fixture) }
        }
    }

    @Test("Row 43: READ is enough for get and list")
    func reading() async throws {
        let fixture = try await fixture()
        try await fixture.allow(Self.ana, .read, on: "payments")
        try await expectAllowed(Self.calls(needing: .read), to: Self.ana, in: fixture)
    }

    @Test("Row 44: READ is not enough for put and delete, nor for anything above")
    func writingWithRead() async throws {
        let fixture = try await fixture()
        try await fixture.allow(Self.ana, .read, on: "payments")
        try await expectRefused(Self.calls(needing: .write, .manage), to: Self.ana, in: fixture)
        #expect(try await fixture.services().listSecrets(scope: "payments").map(\.key) == ["api-key"])
    }

    @Test("Row 45: WRITE is enough for get, list, put and delete")
    func writing() async throws {
        let fixture = try await fixture()
        try await fixture.allow(Self.ana, .write, on: "payments")
        try await expectAllowed(Self.calls(needing: .read, .write), to: Self.ana, in: fixture)
    }

    @Test("Row 46: WRITE is not enough for the ACL, nor for deleting the scope")
    func managingWithWrite() async throws {
        let fixture = try await fixture()
        try await fixture.allow(Self.ana, .write, on: "payments")
        try await expectRefused(Self.calls(needing: .manage), to: Self.ana, in: fixture)
        #expect(try await fixture.services().listScopes().count == 1)
    }

    @Test("Row 47: MANAGE is enough for everything")
    func managing() async throws {
        let fixture = try await fixture()
        try await fixture.allow(Self.ana, .manage, on: "payments")
        try await expectAllowed(Self.calls, to: Self.ana, in: fixture)
        #expect(try await fixture.services().listScopes().isEmpty)
    }

    @Test("Row 48: without any grant every call is refused in the known words")
    func nothing() async throws {
        let fixture = try await fixture()
        try await expectRefused(Self.calls, to: Self.ana, in: fixture)
        // Grants elsewhere do not count.
        try await fixture.makeScope("other")
        try await fixture.allow(Self.ana, .manage, on: "other")
        try await expectRefused(Self.calls, to: Self.ana, in: fixture)
    }

    @Test("Row 49: an administrator may do everything with no grant at all")
    func administrator() async throws {
        let fixture = try await fixture()
        try await fixture.services().deleteACL(scope: "payments", principal: TemporaryWorkspace.administrator)
        try await fixture.services().addGroupMember(Self.ana, to: "admins")
        #expect(try await fixture.services(as: Self.ana).listACLs(scope: "payments").isEmpty)
        try await expectAllowed(Self.calls, to: Self.ana, in: fixture)
    }

    @Test("Row 50: what a group was granted its users may", arguments: Permission.allCases)
    func groupOfUsers(permission: Permission) async throws {
        let fixture = try await fixture()
        try await fixture.makeGroup("analysts", of: Self.ana)
        try await fixture.allow("analysts", permission, on: "payments")
        try await expectAllowed(Self.calls.filter { $0.needs <= permission }, to: Self.ana, in: fixture)
    }

    @Test("Row 51: what a group was granted its service principals may", arguments: Permission.allCases)
    func groupOfServicePrincipals(permission: Permission) async throws {
        let fixture = try await fixture()
        let job = try await fixture.makeServicePrincipal("nightly job")
        try await fixture.makeGroup("jobs", of: job)
        try await fixture.allow("jobs", permission, on: "payments")
        try await expectRefused(Self.calls.filter { $0.needs > permission }, to: job, in: fixture)
        try await expectAllowed(Self.calls.filter { $0.needs <= permission }, to: job, in: fixture)
    }

    /// What one principal was granted in three ways, and what it may do.
    struct Grants: CustomTestStringConvertible {
        var own: Permission?
        var first: Permission?
        var second: Permission?
        var everybody: Permission?
        let strongest: Permission
        var testDescription: String {
            [own, first, second, everybody].map { $0?.description ?? "-" }.joined(separator: " ") + " = \(strongest)"
        }
    }

    @Test(
        "Row 52: the strongest grant of the user and of its groups counts",
        arguments: [
            Grants(own: .read, first: .write, strongest: .write), Grants(own: .write, first: .read, strongest: .write),
            Grants(own: .read, second: .manage, strongest: .manage),
            Grants(first: .read, second: .write, strongest: .write),
            Grants(own: .manage, first: .read, second: .write, everybody: .read, strongest: .manage),
            Grants(own: .read, everybody: .write, strongest: .write),
            Grants(first: .write, everybody: .read, strongest: .write),
        ]
    )
    func strongest(grants: Grants) async throws {
        let fixture = try await fixture()
        try await fixture.makeGroup("analysts", of: Self.ana)
        try await fixture.makeGroup("finance", of: Self.ana)
        for (principal, permission) in [
            (Self.ana, grants.own), ("analysts", grants.first), ("finance", grants.second),
            ("users", grants.everybody),
        ] {
            if let permission { try await fixture.allow(principal, permission, on: "payments") }
        }
        try await expectRefused(Self.calls.filter { $0.needs > grants.strongest }, to: Self.ana, in: fixture)
        try await expectAllowed(Self.calls.filter { $0.needs <= grants.strongest }, to: Self.ana, in: fixture)
    }

    @Test("Row 53: a group in a group counts, however deep, and cycles do no harm", arguments: [1, 2, 10])
    func nestedGroups(depth: Int) async throws {
        let fixture = try await fixture()
        try await fixture.makeGroup("group-0", of: Self.ana)
        for level in 1...depth { try await fixture.makeGroup("group-\(level)", of: "group-\(level - 1)") }
        // The outermost group in the innermost.
        try await fixture.services().addGroupMember("group-\(depth)", to: "group-0")
        try await expectRefused(Self.calls, to: Self.ana, in: fixture)
        try await fixture.allow("group-\(depth)", .write, on: "payments")
        try await expectRefused(Self.calls(needing: .manage), to: Self.ana, in: fixture)
        try await expectAllowed(Self.calls(needing: .read, .write), to: Self.ana, in: fixture)
        // Nobody of the cycle got what only somebody outside was granted.
        try await fixture.makeUsers("bob@example.com")
        try await expectRefused(Self.calls, to: "bob@example.com", in: fixture)
    }

    @Test("Row 54: whoever is removed from a group is refused by the very next call, directly and further out")
    func removedFromGroup() async throws {
        let fixture = try await fixture()
        try await fixture.makeGroup("analysts", of: Self.ana)
        try await fixture.makeGroup("finance", of: "analysts")
        try await fixture.allow("finance", .read, on: "payments")
        let reads = Self.calls(needing: .read)
        for (member, group) in [(Self.ana, "analysts"), ("analysts", "finance")] {
            try await expectAllowed(reads, to: Self.ana, in: fixture)
            try await fixture.services().removeGroupMember(member, from: group)
            try await expectRefused(reads, to: Self.ana, in: fixture)
            try await fixture.services().addGroupMember(member, to: group)
        }
    }
}
