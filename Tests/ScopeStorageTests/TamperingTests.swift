import SecretMemory
import SecretScopes
import Testing
import Workspace
import WorkspaceFixtures

/// One way to write to the file behind Hush's back, and what must be named because of it.
struct Tampering: Sendable, CustomTestStringConvertible {
    var what: String
    var sql: String
    /// What the read or `verify` says.
    var named: String

    var testDescription: String { what }

    static let all: [Tampering] = [
        Tampering(
            what: "a byte of a sealed value",
            sql: "UPDATE version SET sealed = flip(sealed) WHERE id = (SELECT current_version FROM secret LIMIT 1)",
            named: "version 1"),
        Tampering(
            what: "a truncated sealed value",
            sql: "UPDATE version SET sealed = substr(sealed, 1, 20)",
            named: "version 1"),
        Tampering(
            what: "two swapped sealed values",
            sql: """
                UPDATE version SET sealed = (SELECT other.sealed FROM version other WHERE other.id != version.id)
                """,
            named: "version 1"),
        Tampering(
            what: "two swapped current versions",
            sql: """
                UPDATE secret SET current_version =
                    (SELECT other.current_version FROM secret other WHERE other.id != secret.id)
                """,
            named: "the row of secret"),
        Tampering(
            what: "a secret under another name",
            sql: "UPDATE secret SET name = 'renamed', folded_name = 'renamed' WHERE folded_name = 'first'",
            named: "the row of secret"),
        Tampering(
            what: "two swapped names that the rows are found by",
            sql: """
                UPDATE secret SET folded_name = 'swap' WHERE folded_name = 'first';
                UPDATE secret SET folded_name = 'first' WHERE folded_name = 'second';
                UPDATE secret SET folded_name = 'second' WHERE folded_name = 'swap';
                """,
            named: "the row of secret"),
        Tampering(
            what: "a sealed data key",
            sql: "UPDATE scope SET sealed_data_key = flip(sealed_data_key)",
            named: "the row of scope"),
        Tampering(
            what: "a scope's MAC",
            sql: "UPDATE scope SET mac = flip(mac)",
            named: "the row of scope"),
        Tampering(
            what: "a raised permission",
            sql: "UPDATE acl SET permission = 3 WHERE permission = 1",
            named: "the ACL row of principal"),
        Tampering(
            what: "an inserted ACL row with a copied MAC",
            sql: """
                INSERT INTO acl SELECT scope_id, (SELECT id FROM principal WHERE folded_name = 'eve@example.com'),
                    permission, mac FROM acl LIMIT 1
                """,
            named: "the ACL row of principal"),
        Tampering(
            what: "an inserted ACL row with a made-up MAC",
            sql: """
                INSERT INTO acl SELECT id, (SELECT id FROM principal WHERE folded_name = 'eve@example.com'), 3,
                    randomblob(32) FROM scope
                """,
            named: "the ACL row of principal"),
        Tampering(
            what: "an inserted membership in admins",
            sql: """
                INSERT INTO membership SELECT group_id,
                    (SELECT id FROM principal WHERE folded_name = 'eve@example.com'), mac FROM membership LIMIT 1
                """,
            named: "the membership of principal"),
        Tampering(
            what: "two swapped memberships' MACs",
            sql: """
                UPDATE membership SET mac = (SELECT other.mac FROM membership other
                    WHERE other.member_id != membership.member_id)
                """,
            named: "the membership of principal"),
        Tampering(
            what: "a renamed principal",
            sql: "UPDATE principal SET name = 'mallory' WHERE folded_name = 'eve@example.com'",
            named: "the row of principal"),
        Tampering(
            what: "a token that allows more",
            sql: "UPDATE credential SET operations = -1",
            named: "the row of token"),
        Tampering(
            what: "a token of another principal",
            sql: """
                UPDATE credential SET principal_id = (SELECT id FROM principal WHERE folded_name = 'eve@example.com')
                """,
            named: "the row of token"),
        Tampering(
            what: "another local administrator",
            sql: """
                UPDATE workspace SET local_administrator =
                    (SELECT id FROM principal WHERE folded_name = 'eve@example.com')
                """,
            named: "the workspace row"),
        Tampering(
            what: "a wrapped root key",
            sql: "UPDATE workspace SET sealed_root_key = flip(sealed_root_key)",
            named: "does not open the store"),
        Tampering(
            what: "a changed event",
            sql: "UPDATE event SET body = flip(body) WHERE sequence = 5",
            named: "event 5"),
        Tampering(
            what: "a changed event with a changed link",
            sql: "UPDATE event SET body = flip(body), link = 42 WHERE sequence = 5",
            named: "event 5"),
        Tampering(
            what: "a removed event",
            sql: "DELETE FROM event WHERE sequence = 4",
            named: "event 4 of the audit record is missing"),
        Tampering(
            what: "a removed last event",
            sql: "DELETE FROM event WHERE sequence = (SELECT MAX(sequence) FROM event)",
            named: "is missing"),
        Tampering(
            what: "an inserted event in the middle",
            sql: """
                UPDATE event SET sequence = -sequence WHERE sequence > 4;
                UPDATE event SET sequence = 1 - sequence WHERE sequence < 0;
                INSERT INTO event SELECT 5, subject, link, body FROM event WHERE sequence = 4;
                """,
            named: "event 5"),
        Tampering(
            what: "an inserted event at the end",
            sql: """
                INSERT INTO event SELECT MAX(sequence) + 1, subject, link, body FROM event
                """,
            named: "behind its end"),
        Tampering(
            what: "an event under another subject",
            sql: "UPDATE event SET subject = subject + 1 WHERE sequence = 7",
            named: "event 7"),
        Tampering(
            what: "two swapped events",
            sql: """
                UPDATE event SET sequence = 1000 WHERE sequence = 4;
                UPDATE event SET sequence = 4 WHERE sequence = 5;
                UPDATE event SET sequence = 5 WHERE sequence = 1000;
                """,
            named: "event 4"),
        Tampering(
            what: "a head that counts less",
            sql: "UPDATE head SET events = events - 1",
            named: "the head of the audit record"),
        Tampering(
            what: "a head of an older generation",
            sql: "UPDATE head SET generation = generation - 1",
            named: "the head of the audit record"),
        Tampering(
            what: "a term",
            sql: "UPDATE term SET body = flip(body) WHERE id = 2",
            named: "term 2"),
        Tampering(
            what: "a removed term",
            sql: "DELETE FROM term WHERE id = 1",
            named: "term 1"),
        Tampering(
            what: "a summary",
            sql: "UPDATE read_summary SET reads = reads + 1",
            named: "the summary of reads"),
        Tampering(
            what: "a removed summary",
            sql: "DELETE FROM read_summary",
            named: "the summary of reads"),
        Tampering(
            what: "a trigger",
            sql: "CREATE TRIGGER spy AFTER INSERT ON event BEGIN DELETE FROM read_summary; END; UPDATE head SET id = 1",
            named: "the trigger spy of the store was not made by Hush"),
        Tampering(
            what: "a further table",
            sql: "CREATE TABLE further (a); INSERT INTO further VALUES (1)",
            named: "the table further of the store was not made by Hush"),
        Tampering(
            what: "a missing index",
            sql: "DROP INDEX term_lookup; UPDATE head SET id = 1",
            named: "the index term_lookup of the store is missing"),
        Tampering(
            what: "a permission that does not exist",
            sql: "UPDATE acl SET permission = 9 WHERE permission = 1",
            named: "the table acl"),
        Tampering(
            what: "a row of the change log",
            sql: "UPDATE change SET entries = flip(entries)",
            named: "the change log's row"),
    ]
}

@Suite("Whatever is altered in the file is not used and is named")
struct TamperingTests {
    @Test(arguments: Tampering.all)
    func isNamedByTheReadOrByVerify(_ tampering: Tampering) async throws {
        let fixture = try await filled()
        try StoreFile(of: fixture).alter(tampering.sql)
        let said = await findings(fixture)
        #expect(said.contains { $0.contains(tampering.named) }, "\(said)")
    }

    @Test func anUntouchedStoreIsIntact() async throws {
        let fixture = try await filled()
        #expect(await findings(fixture) == [])
    }

    /// The rows that would give somebody more than was granted are also refused by the very read.
    @Test(arguments: [
        "an inserted ACL row with a copied MAC", "an inserted ACL row with a made-up MAC",
        "an inserted membership in admins",
    ])
    func grantsNothing(_ what: String) async throws {
        let fixture = try await filled()
        let tampering = try #require(Tampering.all.first { $0.what == what })
        try StoreFile(of: fixture).alter(tampering.sql)
        let reopened = try await fixture.reopened()
        let eve = try reopened.secrets(as: "eve@example.com")
        let error = await #expect(throws: ScopeError.self) {
            try await eve.getSecret(scope: "payments", key: "first")
        }
        #expect(error?.code == .dataLoss)
        #expect(error?.message.contains(tampering.named) == true)
    }

    /// The next event has no place, so nothing is read or changed any more, and what stands there is named.
    @Test func anEventBehindTheEndIsNamedByTheNextCall() async throws {
        let fixture = try await filled()
        try StoreFile(of: fixture).alter("INSERT INTO event SELECT MAX(sequence) + 1, subject, link, body FROM event")
        let reopened = try await fixture.reopened()
        let error = await #expect(throws: ScopeError.self) {
            try await reopened.secrets().getSecret(scope: "payments", key: "first")
        }
        #expect(error?.code == .dataLoss)
        #expect(error?.message.contains("of the audit record, which stands behind its end,") == true)
    }

    private func filled() async throws -> TemporaryWorkspace {
        let fixture = try await TemporaryWorkspace()
        let services = try fixture.services()
        try await services.createScope(CreateScopeRequest(scope: "payments"))
        try await fixture.put("first value", scope: "payments", key: "first")
        try await fixture.put("second value", scope: "payments", key: "second")
        _ = try await services.getSecret(scope: "payments", key: "first")
        _ = try await services.createPrincipal(kind: .user, name: "eve@example.com")
        _ = try await services.createPrincipal(kind: .group, name: "analysts")
        try await fixture.grant(.read, on: "payments", to: "ana@example.com")
        try await services.addGroupMember("ana@example.com", to: "analysts")
        _ = try await services.createToken(
            CreateTokenRequest(
                principal: "ana@example.com", kind: .personalAccessToken, operations: .readingInRun, lifetime: nil,
                comment: ""))
        return fixture
    }

    /// Everything that opening, reading and verifying say.
    private func findings(_ fixture: TemporaryWorkspace) async -> [String] {
        var said: [String] = []
        do {
            let workspace = try await fixture.reopened()
            for principal in [nil, "ana@example.com"] {
                for key in ["first", "second"] {
                    do {
                        let secret = try await workspace.secrets(as: principal).getSecret(scope: "payments", key: key)
                        #expect(secret.value.text == "\(key) value", "an altered row was used")
                    } catch {
                        said.append("\(error)")
                    }
                }
            }
            let services = try workspace.services(runBy: "tester", origin: RequestOrigin(surface: .library))
            said += try await services.verify(against: nil) { _, _ in }.problems
        } catch {
            said.append("\(error)")
        }
        return said
    }
}
