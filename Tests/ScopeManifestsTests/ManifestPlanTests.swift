import Foundation
import ScopeManifests
import SecretMemory
import SecretScopes
import Testing
import WorkspaceFixtures

/// Plans and their execution, against a real workspace.
@Suite struct ManifestPlanTests {
    /// A workspace, and variables that manifests may refer to.
    private struct Fixture {
        let workspace: TemporaryWorkspace
        var variables: [String: String] = ["KEY": "tok_live_5f2a"]

        init() async throws {
            workspace = try await TemporaryWorkspace()
        }

        var values: ValueReader {
            let workspace = workspace
            let variables = variables
            return ValueReader(pool: workspace.pool) { name in variables[name].map { workspace.secret($0) } }
        }

        func plan(_ text: String, file: String = "m.yaml") async throws -> ManifestPlan {
            try await ManifestPlan(
                for: Manifest.parse(text, file: file), in: workspace.services(), values: values,
                canonicalAddress: { $0.address.value })
        }

        /// Applies a manifest and returns what it said.
        @discardableResult
        func apply(_ text: String) async throws -> [String] {
            var lines: [String] = []
            try await plan(text).apply(to: workspace.services(), pool: workspace.pool) { lines.append($0.description) }
            return lines
        }

        func value(_ scope: String, _ key: String) async throws -> String {
            try await workspace.services().getSecret(scope: scope, key: key).value.text
        }
    }

    private static let everything = """
        users: [ana@example.com]
        service_principals: [nightly report]
        groups:
          analysts: {members: [ana@example.com, nightly report]}
          staff: {members: [analysts]}
        scopes:
          payments:
            acl: {analysts: READ, nightly report: WRITE}
            secrets: {api-key: env:KEY}
        """

    @Test func redactionOfAScopeIsSetAndThenLeftAlone() async throws {
        let fixture = try await Fixture()
        let manifest = "scopes: {payments: {redaction: strict}, plain: {redaction: literal}}"
        #expect(
            try await fixture.apply(manifest) == [
                "+ scope payments", "~ redaction of payments at least strict, was literal", "+ scope plain",
            ])
        #expect(try await fixture.apply(manifest) == [])
        // A manifest that says nothing of it takes nothing back.
        #expect(try await fixture.apply("scopes: {payments: {}}") == [])
        let scopes = try await fixture.workspace.services().listScopes()
        #expect(scopes.map(\.minimumRedaction) == [.strict, .literal])
    }

    @Test func everythingIsMadeInAnOrderThatWorks() async throws {
        let fixture = try await Fixture()
        #expect(
            try await fixture.apply(Self.everything) == [
                "+ user ana@example.com",
                "+ group analysts",
                "+ group staff",
                "+ service principal nightly report",
                "+ member ana@example.com of analysts",
                "+ member nightly report of analysts",
                "+ member analysts of staff",
                "+ scope payments",
                "+ READ on payments for analysts",
                "+ WRITE on payments for nightly report",
                "+ secret payments/api-key from env:KEY",
            ])
        let services = try fixture.workspace.services()
        #expect(try await fixture.value("payments", "api-key") == "tok_live_5f2a")
        let program = try #require(try await services.listPrincipals(kind: .servicePrincipal).first)
        #expect(
            try await services.groupMembers("analysts").map(\.name).sorted()
                == ["ana@example.com", program.name].sorted())
        #expect(try await services.getACL(scope: "payments", principal: program.name).permission == .write)
        #expect(try await services.getACL(scope: "payments", principal: "analysts").permission == .read)
        #expect(
            try await fixture.workspace.services(as: "ana@example.com").getSecret(scope: "payments", key: "api-key")
                .value.text == "tok_live_5f2a")
    }

    @Test func applyingAgainChangesNothing() async throws {
        let fixture = try await Fixture()
        try await fixture.apply(Self.everything)
        #expect(try await fixture.apply(Self.everything) == [])
        let events = try await fixture.workspace.services().events(AuditQuery())
        #expect(events.filter { $0.operation == .putSecret }.count == 1)
        // Names are found whatever their case.
        let folded = Self.everything.replacing("payments", with: "PAYMENTS").replacing("analysts", with: "Analysts")
        #expect(try await fixture.apply(folded) == [])
    }

    @Test func onlyWhatDiffersIsChanged() async throws {
        var fixture = try await Fixture()
        try await fixture.apply(Self.everything)
        fixture.variables["KEY"] = "tok_live_9c1e"
        #expect(
            try await fixture.apply(Self.everything.replacing("analysts: READ", with: "analysts: MANAGE")) == [
                "~ MANAGE on payments for analysts, was READ",
                "~ secret payments/api-key from env:KEY",
            ])
        #expect(try await fixture.value("payments", "api-key") == "tok_live_9c1e")
    }

    @Test func whatNoManifestNamesIsLeftAlone() async throws {
        let fixture = try await Fixture()
        let services = try fixture.workspace.services()
        try await services.createScope(CreateScopeRequest(scope: "payments"))
        try await services.createScope(CreateScopeRequest(scope: "other"))
        try await fixture.workspace.put("kept", scope: "payments", key: "old")
        try await fixture.workspace.grant(.write, on: "payments", to: "bob@example.com")
        #expect(
            try await fixture.apply("users: [BOB@example.com]\nscopes: {payments: {secrets: {api-key: env:KEY}}}")
                == ["+ secret payments/api-key from env:KEY"])
        #expect(try await fixture.value("payments", "old") == "kept")
        #expect(try await services.getACL(scope: "payments", principal: "bob@example.com").permission == .write)
        #expect(try await services.listScopes().map(\.name) == ["other", "payments"])
    }

    @Test func planChangesNothing() async throws {
        let fixture = try await Fixture()
        #expect(try await fixture.plan(Self.everything).changes.count == 11)
        #expect(try await fixture.workspace.services().listScopes().isEmpty)
        #expect(try await fixture.workspace.services().listPrincipals(kind: .user).count == 1)
    }

    @Test func valuesOfFilesAreTakenByteForByteFromBesideTheManifest() async throws {
        let fixture = try await Fixture()
        let folder = fixture.workspace.folder + "/manifests"
        try FileManager.default.createDirectory(atPath: folder + "/values", withIntermediateDirectories: true)
        let bytes = [UInt8](0...255) + [0x0A]
        try Data(bytes).write(to: URL(fileURLWithPath: folder + "/values/certificate"))
        try "scopes: {a: {secrets: {k: file:values/certificate}}}"
            .write(toFile: folder + "/a.yaml", atomically: true, encoding: .utf8)
        let services = try fixture.workspace.services()
        let plan = try await ManifestPlan(
            for: Manifest.load(from: [folder]), in: services, values: fixture.values,
            canonicalAddress: { $0.address.value })
        try await plan.apply(to: services, pool: fixture.workspace.pool) { _ in }
        let value = try await services.getSecret(scope: "a", key: "k").value
        #expect(value.withBytes { $0.withUnsafeBytes { Array($0) } } == bytes)
    }

    struct Refusal: CustomTestStringConvertible {
        let text: String
        let problems: [String]
        var testDescription: String { text }
    }

    /// Everything that is wrong is said at once, and nothing is changed.
    @Test(arguments: [
        Refusal(
            text: "scopes: {a: {acl: {bob: READ, anna@example.com: READ}}}",
            problems: [
                """
                m.yaml:1:20: there is no principal "bob". Add it to "users", "groups" or "service_principals".
                """,
                #"m.yaml:1:31: there is no principal "anna@example.com". Did you mean "ana@example.com"?"#,
            ]),
        Refusal(
            text: "groups: {g: {members: [ana@example.com, nobody]}}",
            problems: [
                """
                m.yaml:1:41: there is no principal "nobody". Add it to "users", "groups" or "service_principals".
                """
            ]),
        Refusal(
            text: "users: [analysts]\ngroups: {ana@example.com: {}}",
            problems: [
                #"m.yaml:1:9: "analysts" is a group in the workspace, not a user."#,
                #"m.yaml:2:10: "ana@example.com" is a user in the workspace, not a group."#,
            ]),
        Refusal(
            text: "scopes: {a: {acl: {twin: READ}}}",
            problems: [#"m.yaml:1:20: 2 service principals are called "twin". Use the application id."#]),
        Refusal(
            text: "scopes: {a: {secrets: {k: env:MISSING, l: env:EMPTY, m: file:missing, n: file:/dev/null}}}",
            problems: [
                "m.yaml:1:27: env:MISSING: the variable is not set. Set MISSING.",
                "m.yaml:1:43: env:EMPTY: the value is empty.",
                "m.yaml:1:57: file:missing: No such file or directory.",
                "m.yaml:1:74: file:/dev/null: not a regular file.",
            ]),
        Refusal(
            text: "scopes: {a: {secrets: {k: env:LARGE}}}",
            problems: ["m.yaml:1:27: env:LARGE: the value is larger than 131072 bytes."]),
    ])
    func refusalNamesEverythingAndChangesNothing(_ row: Refusal) async throws {
        var fixture = try await Fixture()
        fixture.variables["EMPTY"] = ""
        fixture.variables["LARGE"] = String(repeating: "a", count: 131_073)
        let services = try fixture.workspace.services()
        try await fixture.apply("users: [ana@example.com]\ngroups: {analysts: {}}")
        for _ in 1...2 { _ = try await services.createPrincipal(kind: .servicePrincipal, name: "twin") }
        let error = await #expect(throws: ManifestError.self) { try await fixture.plan(row.text) }
        #expect(error?.problems.map(\.description) == row.problems)
        #expect(try await services.listScopes().isEmpty)
        #expect(try await services.listPrincipals(kind: .group).map(\.name) == ["admins", "analysts", "users"])
    }

    @Test func failedChangeLeavesNothing() async throws {
        let fixture = try await Fixture()
        try await fixture.workspace.services().createScope(CreateScopeRequest(scope: "mine"))
        let plan = try await fixture.plan("scopes: {new: {}, mine: {secrets: {k: env:KEY}}}")
        _ = try await fixture.workspace.services().createPrincipal(kind: .user, name: "ana@example.com")
        // Ana may create scopes but not put into one that is not hers.
        let services = try fixture.workspace.services(as: "ana@example.com")
        var made: [String] = []
        let error = await #expect(throws: ManifestApplyError.self) {
            try await plan.apply(to: services, pool: fixture.workspace.pool) { made.append($0.description) }
        }
        #expect(made == [])
        #expect(try await services.listScopes().map(\.name) == ["mine"])
        #expect(
            error?.description == """
                m.yaml:1:36: + secret mine/k from env:KEY failed: User ana@example.com does not have WRITE permission \
                on scope mine to perform this action. Nothing was changed.
                """)
    }

    @Test func descriptionsHoldNoValue() async throws {
        let fixture = try await Fixture()
        let plan = try await fixture.plan(Self.everything)
        var dumped = ""
        dump(plan, to: &dumped)
        for text in [dumped, String(reflecting: plan), plan.changes.map(\.description).joined()] {
            #expect(!text.contains("5f2a"))
        }
    }
}
