import SecretScopes
import Testing
import WorkspaceFixtures

/// Who may do what with a scope, and through what.
@Suite struct AccessTests {
    private static let root = TemporaryWorkspace.administrator
    private typealias Reason = ScopeAccess.Reason

    /// A workspace with the scope `Payments` and some users.
    private func fixture() async throws -> TemporaryWorkspace {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeScope("Payments", holding: ["api-key": "tok_live_1"])
        try await fixture.makeUsers("ana", "bob")
        return fixture
    }

    private func grant(_ permission: Permission, _ path: String...) -> Reason {
        Reason(permission: permission, path: path, isAdministration: false)
    }

    private func administration(_ path: String...) -> Reason {
        Reason(permission: .manage, path: path, isAdministration: true)
    }

    @Test func everyGrantIsShownWithTheGroupsOnTheWay() async throws {
        let fixture = try await fixture()
        try await fixture.makeGroup("analysts", of: "ana")
        try await fixture.makeGroup("finance", of: "analysts")
        try await fixture.makeGroup("strangers", of: "bob")
        try await fixture.allow("finance", .write, on: "payments")
        try await fixture.allow("analysts", .read, on: "payments")
        try await fixture.allow("ana", .read, on: "payments")
        try await fixture.allow("users", .read, on: "payments")
        try await fixture.allow("strangers", .manage, on: "payments")
        let access = try await fixture.services().access(of: "ANA", to: "PAYMENTS")
        #expect(access.scope == "Payments" && access.principal.name == "ana" && access.permission == .write)
        #expect(
            access.reasons == [
                grant(.write, "analysts", "finance"), grant(.read), grant(.read, "analysts"), grant(.read, "users"),
            ])
    }

    @Test func whoeverHasNothingIsToldSo() async throws {
        let fixture = try await fixture()
        let access = try await fixture.services().access(of: "ana", to: "payments")
        #expect(access.permission == nil && access.reasons.isEmpty)
    }

    @Test func administratorsMayDoEverythingBySomethingThatIsNoGrant() async throws {
        let fixture = try await fixture()
        try await fixture.makeGroup("operators", of: "ana")
        try await fixture.services().addGroupMember("operators", to: "admins")
        try await fixture.allow("admins", .read, on: "payments")
        let access = try await fixture.services().access(of: "ana", to: "payments")
        #expect(access.permission == .manage)
        #expect(access.reasons == [administration("operators", "admins"), grant(.read, "operators", "admins")])
        let own = try await fixture.services().access(of: Self.root, to: "payments")
        #expect(own.reasons == [grant(.manage), administration("admins"), grant(.read, "admins")])
    }

    @Test func ofSeveralWaysTheShortestIsShownAndThenTheFirstByName() async throws {
        let fixture = try await fixture()
        let services = try fixture.services()
        try await fixture.makeGroup("zebra", of: "ana")
        try await fixture.makeGroup("Beta", of: "ana")
        try await fixture.makeGroup("alpha", of: "Beta")
        try await fixture.makeGroup("target", of: "alpha", "zebra", "Beta")
        try await fixture.allow("target", .read, on: "payments")
        #expect(try await services.access(of: "ana", to: "payments").reasons == [grant(.read, "Beta", "target")])
        try await services.removeGroupMember("Beta", from: "target")
        #expect(try await services.access(of: "ana", to: "payments").reasons == [grant(.read, "zebra", "target")])
        try await services.removeGroupMember("zebra", from: "target")
        #expect(
            try await services.access(of: "ana", to: "payments").reasons == [grant(.read, "Beta", "alpha", "target")])
        // In a circle, and with the principal in it at every place.
        try await services.addGroupMember("target", to: "Beta")
        try await services.addGroupMember("ana", to: "target")
        #expect(try await services.access(of: "ana", to: "payments").reasons == [grant(.read, "target")])
        #expect(
            try await services.access(of: "alpha", to: "payments").reasons == [grant(.read, "target")])
        #expect(try await services.access(of: "target", to: "payments").reasons == [grant(.read)])
    }

    @Test func aGroupIsShownWithWhatItGivesItsMembers() async throws {
        let fixture = try await fixture()
        try await fixture.makeGroup("analysts", of: "ana")
        try await fixture.makeGroup("finance", of: "analysts")
        try await fixture.allow("finance", .write, on: "payments")
        try await fixture.allow("users", .read, on: "payments")
        let services = try fixture.services()
        #expect(
            try await services.access(of: "analysts", to: "payments").reasons == [
                grant(.write, "finance"), grant(.read, "users"),
            ])
        #expect(try await services.access(of: "admins", to: "payments").reasons.first == administration())
        #expect(try await services.access(of: "users", to: "payments").reasons == [grant(.read)])
    }

    @Test func everybodyWhoCanReadIsListedOnceByName() async throws {
        let fixture = try await fixture()
        let services = try fixture.services()
        let job = try await fixture.makeServicePrincipal("nightly job")
        try await fixture.makeUsers("Carl", "dora")
        try await fixture.makeGroup("analysts", of: "ana", job)
        try await fixture.makeGroup("empty")
        try await fixture.makeGroup("operators", of: "Carl")
        try await services.addGroupMember("operators", to: "admins")
        try await fixture.allow("analysts", .read, on: "payments")
        try await fixture.allow("ana", .write, on: "payments")
        try await fixture.allow("empty", .manage, on: "payments")
        let list = try await services.access(to: "payments")
        #expect(
            list.map(\.principal.name)
                == ["ana", "Carl", job, Self.root].sorted { $0.lowercased() < $1.lowercased() })
        #expect(list.allSatisfy { $0.scope == "Payments" })
        let byName = Dictionary(uniqueKeysWithValues: list.map { ($0.principal.name, $0) })
        #expect(byName["ana"]?.permission == .write)
        #expect(byName["ana"]?.reasons == [grant(.write), grant(.read, "analysts")])
        #expect(byName[job]?.permission == .read && byName[job]?.principal.displayName == "nightly job")
        #expect(byName["Carl"]?.reasons == [administration("operators", "admins")])
        #expect(byName[Self.root]?.reasons == [grant(.manage), administration("admins")])
        // With a grant for everybody, everybody.
        try await fixture.allow("users", .read, on: "payments")
        let all = try await services.access(to: "payments")
        #expect(Set(all.map(\.principal.name)) == ["ana", "bob", "Carl", "dora", job, Self.root])
    }

    @Test func whoeverIsNotActiveMayDoNothing() async throws {
        let fixture = try await fixture()
        let services = try fixture.services()
        try await fixture.allow("ana", .write, on: "payments")
        try await services.addGroupMember("bob", to: "admins")
        for name in ["ana", "bob"] { try await services.setActive(false, kind: .user, name: name) }
        let access = try await services.access(of: "ana", to: "payments")
        #expect(access.permission == nil && !access.principal.isActive && access.reasons == [grant(.write)])
        #expect(try await services.access(of: "bob", to: "payments").reasons == [administration("admins")])
        #expect(try await services.access(to: "payments").map(\.principal.name) == [Self.root])
    }

    // MARK: Who may ask

    @Test(arguments: [nil] + Permission.allCases.map { Optional($0) })
    func askingNeedsMANAGE(permission: Permission?) async throws {
        let fixture = try await fixture()
        if let permission { try await fixture.allow("ana", permission, on: "payments") }
        let ana = try fixture.services(as: "ana")
        if permission == .manage {
            #expect(try await ana.access(of: "bob", to: "payments").permission == nil)
            #expect(try await ana.access(to: "payments").count == 2)
        } else {
            let refusal = ScopeError.denied("ana", .manage, on: "Payments")
            await #expect(throws: refusal) { try await ana.access(of: "ana", to: "payments") }
            await #expect(throws: refusal) { try await ana.access(to: "payments") }
        }
        let events = try await fixture.events(.queryAccess)
        #expect(events.map(\.statusCode) == (permission == .manage ? [200, 200] : [403, 403]))
    }

    @Test func everyQuestionLeavesOneEvent() async throws {
        let fixture = try await fixture()
        let services = try fixture.services()
        _ = try await services.access(of: "ana", to: "payments")
        _ = try await services.access(to: "PAYMENTS")
        for (principal, scope, code) in [
            ("nobody", "payments", ScopeError.Code.resourceDoesNotExist), ("ana", "nope", .resourceDoesNotExist),
            ("an\u{430}", "payments", .invalidParameterValue), ("ana", "pay ments", .invalidParameterValue),
            ("an\u{430}", "nope", .invalidParameterValue), ("nobody", "nope", .resourceDoesNotExist),
        ] {
            await expectRefusal(code) { try await services.access(of: principal, to: scope) }
        }
        await #expect(throws: ScopeError(.resourceDoesNotExist, "Scope nope does not exist!")) {
            try await services.access(to: "nope")
        }
        let events = try await fixture.events(.queryAccess)
        #expect(events.map(\.statusCode) == [200, 200, 404, 404, 400, 400, 400, 404, 404])
        #expect(events.map(\.subject.scope).prefix(3) == ["Payments", "Payments", "Payments"])
        #expect(events[0].subject.scopeID != nil && events[0].operation.serviceName == "accounts")
        #expect(events[0].parameters.map { "\($0.name): \($0.value)" } == ["principal: ana"])
        #expect(events[1].parameters.isEmpty)
        #expect(events.allSatisfy { $0.effects.isEmpty })
    }
}
