import SecretScopes
import Testing
import WorkspaceFixtures

/// A workspace is never without an administrator: whatever would take the local administrator out of `admins` is refused, by
/// whatever way it belongs there.
@Suite struct LastAdministratorTests {
    private static let root = TemporaryWorkspace.administrator

    /// How the local administrator belongs to `admins`, and what would end that.
    struct Way: CustomTestStringConvertible {
        let testDescription: String
        let prepare: @Sendable (TemporaryWorkspace) async throws -> Void
        let end: @Sendable (any IdentityService) async throws -> Void

        init(
            _ description: String,
            prepare: @escaping @Sendable (TemporaryWorkspace) async throws -> Void = { _ in },
            end: @escaping @Sendable (any IdentityService) async throws -> Void
        ) {
            self.testDescription = description
            self.prepare = prepare
            self.end = end
        }
    }

    /// The local administrator belongs to `admins` through the groups `inner` and `outer` alone.
    private static let nest: @Sendable (TemporaryWorkspace) async throws -> Void = { fixture in
        try await fixture.makeGroup("inner", of: root)
        try await fixture.makeGroup("outer", of: "inner")
        try await fixture.services().addGroupMember("outer", to: "admins")
        try await fixture.services().removeGroupMember(root, from: "admins")
    }

    /// As ``nest``, with the groups in a circle.
    private static let nestInCircle: @Sendable (TemporaryWorkspace) async throws -> Void = { fixture in
        try await nest(fixture)
        try await fixture.services().addGroupMember("outer", to: "inner")
        try await fixture.services().addGroupMember("admins", to: "inner")
    }

    static let ways: [Way] = [
        Way("deleted") { try await $0.deletePrincipal(kind: .user, name: root) },
        Way("deactivated") { try await $0.setActive(false, kind: .user, name: root) },
        Way("removed from admins") { try await $0.removeGroupMember(root, from: "admins") },
        Way("removed from the innermost group", prepare: nest) { try await $0.removeGroupMember(root, from: "inner") },
        Way("innermost group removed", prepare: nest) { try await $0.removeGroupMember("inner", from: "outer") },
        Way("outermost group removed", prepare: nest) { try await $0.removeGroupMember("outer", from: "admins") },
        Way("innermost group deleted", prepare: nest) { try await $0.deletePrincipal(kind: .group, name: "inner") },
        Way("outermost group deleted", prepare: nest) { try await $0.deletePrincipal(kind: .group, name: "outer") },
        Way("deleted from a group", prepare: nest) { try await $0.deletePrincipal(kind: .user, name: root) },
        Way("deactivated in a group", prepare: nest) { try await $0.setActive(false, kind: .user, name: root) },
        Way("circle cut", prepare: nestInCircle) { try await $0.removeGroupMember("inner", from: "outer") },
        Way("circle deleted", prepare: nestInCircle) { try await $0.deletePrincipal(kind: .group, name: "outer") },
    ]

    /// Also when there are other administrators, and when one of them asks.
    @Test(arguments: ways, [true, false])
    func theLocalAdministratorStays(way: Way, hasOthers: Bool) async throws {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeUsers("ana@example.com")
        if hasOthers { try await fixture.services().addGroupMember("ana@example.com", to: "admins") }
        try await way.prepare(fixture)
        let groups = try await groups(of: fixture)
        let error = await expectRefusal(.badRequest) {
            try await way.end(fixture.services(as: hasOthers ? "ana@example.com" : nil))
        }
        #expect(
            error?.message == """
                root@example.com is the workspace's local administrator and must stay an active member of the group \
                admins, directly or through a group.
                """)
        // Nothing of it was done, and all of it is recorded.
        #expect(try await self.groups(of: fixture) == groups)
        let root = try fixture.services()
        #expect(try await root.currentPrincipal().isActive)
        let last = try #require(try await root.events(AuditQuery()).last { $0.statusCode == 400 })
        #expect(last.error == error && last.effects.isEmpty)
        #expect(try await root.verify(against: nil) { _, _ in }.problems == [])
    }

    private func groups(of fixture: TemporaryWorkspace) async throws -> [String: [String]] {
        let services = try fixture.services()
        var members: [String: [String]] = [:]
        for group in try await services.listPrincipals(kind: .group) {
            members[group.name] = try await services.groupMembers(group.name).map(\.name)
        }
        return members
    }

    @Test func oneOfTwoWaysMayGo() async throws {
        let fixture = try await TemporaryWorkspace()
        let services = try fixture.services()
        try await fixture.makeGroup("operators", of: Self.root)
        try await services.addGroupMember("operators", to: "admins")
        try await services.removeGroupMember(Self.root, from: "admins")
        #expect(try await services.groupMembers("admins").map(\.name) == ["operators"])
        try await services.addGroupMember(Self.root, to: "admins")
        try await services.deletePrincipal(kind: .group, name: "operators")
        #expect(try await services.groupMembers("admins").map(\.name) == [Self.root])
    }

    @Test func everyOtherAdministratorMayGo() async throws {
        let fixture = try await TemporaryWorkspace()
        let services = try fixture.services()
        try await fixture.makeUsers("ana@example.com", "bob@example.com", "carl@example.com")
        for name in ["ana@example.com", "bob@example.com", "carl@example.com"] {
            try await services.addGroupMember(name, to: "admins")
        }
        try await services.removeGroupMember("ana@example.com", from: "admins")
        try await services.setActive(false, kind: .user, name: "bob@example.com")
        // By itself.
        try await fixture.services(as: "carl@example.com").deletePrincipal(kind: .user, name: "carl@example.com")
        #expect(try await services.groupMembers("admins").map(\.name) == ["bob@example.com", Self.root])
        for name in ["ana@example.com", "bob@example.com"] {
            await expectRefusal(.permissionDenied) {
                try await fixture.services(as: name).listPrincipals(kind: .user)
            }
        }
    }
}
