import SecretMemory
import SecretScopes
import Testing
import Workspace
import WorkspaceFixtures

/// A name outside the grammar is refused wherever it stands, also when it looks like one that is there, and is recorded
/// by its length alone.
@Suite struct LookAlikeTests {
    /// Texts that people, or a normalization, would take for `payments`.
    static let likePayments = [
        "p\u{430}yments",  // Cyrillic а
        "\u{FF50}ayments",  // full-width p
        "\u{FF50}\u{FF41}\u{FF59}\u{FF4D}\u{FF45}\u{FF4E}\u{FF54}\u{FF53}",
        "pay\u{200B}ments",  // zero-width space
        "pay\u{200D}ments",  // zero-width joiner
        "\u{FEFF}payments",  // byte order mark
        "pay\u{AD}ments",  // soft hyphen
        "payments\u{301}",  // combining acute accent
        "payments\u{FE0E}",  // variation selector
        "\u{202E}payments",  // right-to-left override
        "payment\u{17F}",  // long s
        "payments\0", "\0payments", "payments\n", "payments\r\n", "\npayments", "payments ", " payments", "payments\t",
        "payments\u{A0}", "payments\u{2028}",
    ]

    /// Other texts that are no names.
    static let noNames = [
        "", " ", "a b", "é", "e\u{301}", "😀", "a\u{2215}b", "a\u{FF0F}b", "a\u{FF20}b", "a\\b", "a:b", "a%2Fb",
        "a\u{7F}b",
        String(repeating: "x", count: 129), String(repeating: "é", count: 64) + "x",
    ]

    /// A call with a scope's name and, where it has one, a secret's.
    struct Call: CustomTestStringConvertible {
        let operation: Operation
        let perform: @Sendable (any SecretService & AuditService, _ scope: String, _ key: String) async throws -> Void
        var testDescription: String { operation.actionName }

        init(
            _ operation: Operation,
            _ perform: @escaping @Sendable (any SecretService & AuditService, String, String) async throws -> Void
        ) {
            self.operation = operation
            self.perform = perform
        }
    }

    static let callsWithKey: [Call] = [
        Call(.getSecret) { _ = try await $0.getSecret(scope: $1, key: $2) },
        Call(.putSecret) { services, scope, key in
            let value = SecretBytes(copying: Array("a".utf8).span.bytes, in: SecretPool())
            try await services.putSecret(PutSecretRequest(scope: scope, key: key, stringValue: value))
        },
        Call(.deleteSecret) { try await $0.deleteSecret(scope: $1, key: $2) },
        Call(.queryReaders) { _ = try await $0.readers(scope: $1, key: $2) },
    ]

    static let callsWithScope: [Call] = [
        Call(.createScope) { services, scope, _ in try await services.createScope(CreateScopeRequest(scope: scope)) },
        Call(.deleteScope) { services, scope, _ in try await services.deleteScope(scope) },
        Call(.listSecrets) { services, scope, _ in _ = try await services.listSecrets(scope: scope) },
        Call(.putACL) { services, scope, _ in
            try await services.putACL(scope: scope, principal: "users", permission: "READ")
        },
        Call(.getACL) { services, scope, _ in _ = try await services.getACL(scope: scope, principal: "users") },
        Call(.deleteACL) { services, scope, _ in try await services.deleteACL(scope: scope, principal: "users") },
        Call(.listACLs) { services, scope, _ in _ = try await services.listACLs(scope: scope) },
    ]

    private func fixture() async throws -> TemporaryWorkspace {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeScope("payments", holding: ["payments": "tok_live_1"])
        return fixture
    }

    /// Expects the last event of `operation` to be a refusal that shows nothing of `name` but its length.
    private func expectRecord(
        _ operation: Operation, of name: String, in fixture: TemporaryWorkspace,
        _ recorded: (AuditEvent) -> String?
    ) async throws {
        let event = try #require(try await fixture.events(operation).last)
        #expect(event.statusCode == 400)
        #expect(recorded(event) == "(invalid, \(name.utf8.count) bytes)", "\(operation)")
    }

    @Test(arguments: callsWithKey + callsWithScope)
    func ofAScope(call: Call) async throws {
        let fixture = try await fixture()
        for name in Self.likePayments + Self.noNames {
            await expectRefusal(.invalidParameterValue, "\(name)") {
                try await call.perform(fixture.services(), name, "payments")
            }
            try await expectRecord(call.operation, of: name, in: fixture) { $0.subject.scope }
        }
        #expect(try await fixture.services().listScopes().map(\.name) == ["payments"])
    }

    @Test(arguments: callsWithKey)
    func ofASecret(call: Call) async throws {
        let fixture = try await fixture()
        for name in Self.likePayments + Self.noNames {
            await expectRefusal(.invalidParameterValue, "\(name)") {
                try await call.perform(fixture.services(), "payments", name)
            }
            try await expectRecord(call.operation, of: name, in: fixture) { $0.subject.key }
        }
        #expect(try await fixture.services().listSecrets(scope: "payments").map(\.key) == ["payments"])
    }

    /// A call with a principal's name.
    struct PrincipalCall: CustomTestStringConvertible {
        let operation: Operation
        let parameter: String
        let perform: @Sendable (any WorkspaceServices, String) async throws -> Void
        var testDescription: String { operation.actionName }

        init(
            _ operation: Operation, _ parameter: String,
            _ perform: @escaping @Sendable (any WorkspaceServices, String) async throws -> Void
        ) {
            self.operation = operation
            self.parameter = parameter
            self.perform = perform
        }
    }

    static let principalCalls: [PrincipalCall] = [
        PrincipalCall(.putACL, "principal") {
            try await $0.putACL(scope: "payments", principal: $1, permission: "READ")
        },
        PrincipalCall(.getACL, "principal") { _ = try await $0.getACL(scope: "payments", principal: $1) },
        PrincipalCall(.deleteACL, "principal") { try await $0.deleteACL(scope: "payments", principal: $1) },
        PrincipalCall(.createPrincipal, "name") { _ = try await $0.createPrincipal(kind: .user, name: $1) },
        PrincipalCall(.createPrincipal, "name") { _ = try await $0.createPrincipal(kind: .servicePrincipal, name: $1) },
        PrincipalCall(.deletePrincipal, "name") { try await $0.deletePrincipal(kind: .user, name: $1) },
        PrincipalCall(.getGroup, "group") { _ = try await $0.groupMembers($1) },
        PrincipalCall(.addGroupMember, "group") { try await $0.addGroupMember("ana@example.com", to: $1) },
        PrincipalCall(.addGroupMember, "member") { try await $0.addGroupMember($1, to: "analysts") },
        PrincipalCall(.removeGroupMember, "group") { try await $0.removeGroupMember("ana@example.com", from: $1) },
        PrincipalCall(.removeGroupMember, "member") { try await $0.removeGroupMember($1, from: "analysts") },
        PrincipalCall(.createToken, "principal") { services, name in
            _ = try await services.createToken(
                CreateTokenRequest(
                    principal: name, kind: .personalAccessToken, operations: .all, lifetime: nil, comment: ""))
        },
        PrincipalCall(.queryReaders, "principal") { _ = try await $0.reads(by: $1) },
    ]

    @Test(arguments: principalCalls)
    func ofAPrincipal(call: PrincipalCall) async throws {
        let fixture = try await fixture()
        try await fixture.makeUsers("ana@example.com", "kim@example.com")
        try await fixture.makeGroup("analysts", of: "ana@example.com")
        try await fixture.allow("ana@example.com", .read, on: "payments")
        let names = [
            "\u{430}na@example.com", "\u{FF41}na@example.com", "ana@example.com\0", "ana@example.com\n",
            "ana@example.com ", "ana\u{200B}@example.com", "a\u{301}na@example.com", "\u{212A}im@example.com",
            "analy\u{17F}ts", "ROOT@EXAMPLE.COM\u{2028}", "u\u{17F}ers", "ro\u{043E}t@example.com", "", "a\"b", "a\\b",
            "é",
            String(repeating: "x", count: 256),
        ]
        for name in names {
            await expectRefusal(.invalidParameterValue, "\(name)") {
                try await call.perform(fixture.services(), name)
            }
            let event = try #require(try await fixture.events(call.operation).last)
            #expect(event.statusCode == 400)
            let recorded = event.parameters.first { $0.name == call.parameter }?.value
            #expect(recorded == (name.isEmpty ? "" : "(invalid, \(name.utf8.count) bytes)"))
        }
        #expect(try await fixture.services().groupMembers("analysts").map(\.name) == ["ana@example.com"])
    }

    @Test func namesOfPrincipalsHaveNoCase() async throws {
        let fixture = try await fixture()
        try await fixture.makeUsers("Ana@Example.com")
        try await fixture.makeGroup("Analysts", of: "ANA@example.com")
        let services = try fixture.services()
        for (kind, name) in [
            (PrincipalKind.user, "ana@example.COM"), (.group, "ANALYSTS"), (.group, "ana@example.com"),
        ] {
            await expectRefusal(.resourceAlreadyExists) { try await services.createPrincipal(kind: kind, name: name) }
        }
        try await services.putACL(scope: "payments", principal: "ANALYSTS", permission: "read")
        #expect(try await services.getACL(scope: "payments", principal: "analysts").principal == "Analysts")
        #expect(
            try await fixture.services(as: "aNA@eXAMPLE.COM").getSecret(scope: "payments", key: "payments").version == 1
        )
        #expect(try await services.groupMembers("ANALYSTS").map(\.name) == ["Ana@Example.com"])
    }
}
