import SecretMemory
import SecretScopes
import Testing
import Workspace
import WorkspaceFixtures

/// An authentic row that is put back after it was replaced or deleted, and what `verify` says.
struct PutBackRow: Sendable, CustomTestStringConvertible {
    var what: String
    /// What happened after the copy was made.
    var change: @Sendable (any WorkspaceServices, CredentialID) async throws -> Void
    var sql: String
    var named: String

    var testDescription: String { what }

    static let all: [PutBackRow] = [
        PutBackRow(
            what: "a permission that was lowered",
            change: { services, _ in
                try await services.putACL(scope: "payments", principal: "ana@example.com", permission: "READ")
            },
            sql: "INSERT OR REPLACE INTO acl SELECT * FROM copy.acl",
            named: "the ACL row of principal"),
        PutBackRow(
            what: "a permission that was taken away",
            change: { services, _ in try await services.deleteACL(scope: "payments", principal: "ana@example.com") },
            sql: "INSERT OR REPLACE INTO acl SELECT * FROM copy.acl",
            named: "the ACL row of principal"),
        PutBackRow(
            what: "a membership that was ended",
            change: { services, _ in try await services.removeGroupMember("ana@example.com", from: "analysts") },
            sql: "INSERT OR REPLACE INTO membership SELECT * FROM copy.membership",
            named: "the membership of principal"),
        PutBackRow(
            what: "a token that was revoked",
            change: { services, token in try await services.revokeToken(token) },
            sql: "INSERT INTO credential SELECT * FROM copy.credential",
            named: "the row of token"),
        PutBackRow(
            what: "a principal that was deleted",
            change: { services, _ in try await services.deletePrincipal(kind: .user, name: "ana@example.com") },
            sql: "INSERT OR IGNORE INTO principal SELECT * FROM copy.principal",
            named: "the row of principal"),
        PutBackRow(
            what: "a value that was replaced",
            change: { services, _ in
                let value = SecretBytes(copying: Array("newer value".utf8).span.bytes, in: SecretPool())
                try await services.putSecret(
                    PutSecretRequest(scope: "payments", key: "first", stringValue: value))
            },
            sql: "INSERT OR REPLACE INTO secret SELECT * FROM copy.secret",
            named: "the row of secret"),
        PutBackRow(
            what: "a secret that was deleted",
            change: { services, _ in try await services.deleteSecret(scope: "payments", key: "first") },
            sql: """
                INSERT OR IGNORE INTO secret SELECT * FROM copy.secret;
                INSERT OR IGNORE INTO version SELECT * FROM copy.version;
                """,
            named: "the row of secret"),
        PutBackRow(
            what: "a scope that was deleted",
            change: { services, _ in try await services.deleteScope("payments") },
            sql: """
                INSERT INTO scope SELECT * FROM copy.scope;
                INSERT INTO acl SELECT * FROM copy.acl;
                INSERT INTO secret SELECT * FROM copy.secret;
                INSERT INTO version SELECT * FROM copy.version;
                """,
            named: "the row of scope"),
    ]
}

/// A row that was removed from the file, and what `verify` says.
struct RemovedRow: Sendable, CustomTestStringConvertible {
    var table: String
    var sql: String
    var named: String

    var testDescription: String { table }

    static let all: [RemovedRow] = [
        RemovedRow(
            table: "acl",
            sql: "DELETE FROM acl WHERE permission = 2",
            named: "the ACL row of principal"),
        RemovedRow(table: "membership", sql: "DELETE FROM membership", named: "the membership of principal"),
        RemovedRow(table: "credential", sql: "DELETE FROM credential", named: "the row of token"),
        RemovedRow(table: "scope", sql: "DELETE FROM scope", named: "the row of scope"),
        RemovedRow(table: "secret", sql: "DELETE FROM secret WHERE folded_name = 'first'", named: "the row of secret"),
        RemovedRow(table: "version", sql: "DELETE FROM version WHERE number = 1", named: "version"),
        RemovedRow(
            table: "principal",
            sql: "DELETE FROM principal WHERE folded_name = 'ana@example.com'",
            named: "the row of principal"),
    ]
}

@Suite("Rows that are not those the record tells of are named by verify")
struct PutBackTests {
    @Test(arguments: PutBackRow.all)
    func rowThatWasPutBackIsNamed(_ row: PutBackRow) async throws {
        let (fixture, token) = try await filled()
        let copy = fixture.folder + "/copy.db"
        let file = StoreFile(of: fixture)
        try file.copyRows(to: copy)
        try await row.change(fixture.services(), token)
        #expect(try await problems(of: fixture) == [])
        try file.putBack(from: copy, row.sql)
        let problems = try await problems(of: fixture)
        #expect(
            problems.contains { $0.contains(row.named) && $0.hasSuffix("put back outside Hush") }, "\(problems)")
    }

    @Test(arguments: RemovedRow.all)
    func rowThatWasRemovedIsNamed(_ row: RemovedRow) async throws {
        let (fixture, _) = try await filled()
        try StoreFile(of: fixture).alter(row.sql)
        let problems = try await problems(of: fixture)
        #expect(
            problems.contains { $0.contains(row.named) && $0.hasSuffix("is missing: it was removed outside Hush") },
            "\(problems)")
    }

    @Test(arguments: ["principal", "scope", "secret"])
    func rowThatIsFiledUnderAnotherNameIsNamed(_ table: String) async throws {
        let (fixture, _) = try await filled()
        try StoreFile(of: fixture).alter(
            "UPDATE \(table) SET folded_name = 'hidden' WHERE folded_name IN ('ana@example.com', 'payments', 'first')")
        let problems = try await problems(of: fixture)
        #expect(problems.contains { $0.hasPrefix("the name that \(table) ") }, "\(problems)")
    }

    /// What no longer counts must not be told as missing.
    @Test func longLifeOfAWorkspaceIsIntact() async throws {
        let (fixture, token) = try await filled()
        let services = try fixture.services()
        // More versions than are kept.
        for number in 0..<13 { try await fixture.put("value \(number)", scope: "payments", key: "first") }
        for row in PutBackRow.all { try? await row.change(services, token) }
        try await services.createScope(CreateScopeRequest(scope: "payments"))
        try await fixture.put("first value", scope: "payments", key: "first")
        await #expect(throws: ScopeError.self) {
            try await services.putACL(scope: "payments", principal: "nobody", permission: "READ")
        }
        #expect(try await problems(of: fixture) == [])
    }

    private func problems(of fixture: TemporaryWorkspace) async throws -> [String] {
        let workspace = try await fixture.reopened()
        let services = try workspace.services(runBy: "tester", origin: RequestOrigin(surface: .library))
        return try await services.verify(against: nil) { _, _ in }.problems
    }

    private func filled() async throws -> (TemporaryWorkspace, CredentialID) {
        let fixture = try await TemporaryWorkspace()
        let services = try fixture.services()
        try await services.createScope(CreateScopeRequest(scope: "payments"))
        try await fixture.put("first value", scope: "payments", key: "first")
        try await fixture.put("second value", scope: "payments", key: "second")
        _ = try await services.createPrincipal(kind: .group, name: "analysts")
        try await fixture.grant(.write, on: "payments", to: "ana@example.com")
        try await services.addGroupMember("ana@example.com", to: "analysts")
        let token = try await services.createToken(
            CreateTokenRequest(
                principal: "ana@example.com", kind: .personalAccessToken, operations: .all, lifetime: nil, comment: ""))
        return (fixture, token.id)
    }
}
