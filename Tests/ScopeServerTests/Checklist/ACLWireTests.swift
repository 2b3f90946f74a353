import Foundation
import SecretScopes
import Testing
import WorkspaceFixtures

/// The rows of the checklist that are about putting, showing and deleting grants, over HTTP.
@Suite struct ACLWireTests {
    private static let root = #"{"principal":"\#(TemporaryWorkspace.administrator)","permission":"MANAGE"}"#

    /// Runs `body` beside a server that has the scope `payments`, and the user `ana@example.com`, whose token is handed
    /// in.
    private func run(_ body: @Sendable (TestServer, String) async throws -> Void) async throws {
        try await TestServer.run { server in
            try await server.makeScope("payments")
            try await body(server, server.user("ana@example.com"))
        }
    }

    @Test("Row 55: a second put replaces the first, also by less")
    func replaced() async throws {
        try await TestServer.run { server in
            let grant = #"{"scope":"shared","initial_manage_principal":"users"}"#
            #expect(try await server.post("/api/2.0/secrets/scopes/create", grant).isDone)
            try await server.allow("users", "READ", on: "shared")
            let list = try await server.ask("acls/list?scope=shared")
            #expect(list.body == #"{"items":[{"principal":"users","permission":"READ"}]}"#)
        }
    }

    @Test("Row 56: what was put is shown at once", arguments: ["READ", "WRITE", "MANAGE"])
    func shownAtOnce(permission: String) async throws {
        try await run { server, _ in
            try await server.allow("ana@example.com", permission, on: "payments")
            let answer = try await server.ask("acls/get?scope=payments&principal=ana%40example.com")
            // The item itself, not wrapped.
            #expect(answer.body == #"{"principal":"ana@example.com","permission":"\#(permission)"}"#)
        }
    }

    @Test(
        "Row 57: a permission that does not exist is refused", arguments: ["CAN_MANAGE", "", "WR\u{131}TE", "READ\0"])
    func unknownPermission(permission: String) async throws {
        try await run { server, _ in
            let answer = try await server.call(
                "acls/put", ["scope": "payments", "principal": "ana@example.com", "permission": permission])
            #expect(answer.outcome == "400 INVALID_PARAMETER_VALUE")
            #expect(try await server.ask("acls/list?scope=payments").body == #"{"items":[\#(Self.root)]}"#)
        }
    }

    @Test("Row 58: a principal that does not exist is refused", arguments: ["nobody@example.com", "", "\u{430}na"])
    func unknownPrincipal(name: String) async throws {
        try await run { server, _ in
            let answer = try await server.call(
                "acls/put", ["scope": "payments", "principal": name, "permission": "READ"])
            #expect(answer.outcome == "400 INVALID_PARAMETER_VALUE")
        }
    }

    @Test("Row 59: a grant on a scope that is not there is refused")
    func missingScope() async throws {
        try await run { server, _ in
            let answer = try await server.call(
                "acls/put", ["scope": "nope", "principal": "ana@example.com", "permission": "READ"])
            #expect(answer.outcome == "404 RESOURCE_DOES_NOT_EXIST")
            #expect(answer.message == "Scope nope does not exist!")
        }
    }

    @Test("Row 60: showing a grant that is not there is refused", arguments: ["ana%40example.com", "users", "nobody"])
    func noGrant(name: String) async throws {
        try await run { server, _ in
            let answer = try await server.ask("acls/get?scope=payments&principal=" + name)
            #expect(answer.outcome == "404 RESOURCE_DOES_NOT_EXIST")
        }
    }

    @Test("Row 61: deleting a grant that is not there is refused")
    func noGrantToDelete() async throws {
        try await run { server, _ in
            try await server.allow("ana@example.com", "READ", on: "payments")
            let grant = ["scope": "payments", "principal": "ana@example.com"] as KeyValuePairs
            #expect(try await server.call("acls/delete", grant).isDone)
            #expect(try await server.call("acls/delete", grant).outcome == "404 RESOURCE_DOES_NOT_EXIST")
        }
    }

    @Test("Row 62: the field of a list is items")
    func listed() async throws {
        try await run { server, _ in
            try await server.allow("ana@example.com", "READ", on: "payments")
            let list = try await server.ask("acls/list?scope=payments")
            #expect(list.body == #"{"items":[{"principal":"ana@example.com","permission":"READ"},\#(Self.root)]}"#)
        }
    }

    @Test("Row 63: a service principal stands in an ACL by its application id, which is also what Me says")
    func servicePrincipal() async throws {
        try await run { server, _ in
            let job = try await server.fixture.makeServicePrincipal("nightly job")
            let token = try await server.fixture.token(for: job)
            let me = try await server.get("/api/2.0/preview/scim/v2/Me", token: token)
            #expect(me.member("userName") == job && me.member("displayName") == "nightly job")
            try await server.allow(job, "READ", on: "payments")
            let answer = try await server.ask("acls/get?scope=payments&principal=" + job)
            #expect(answer.body == #"{"principal":"\#(job)","permission":"READ"}"#)
        }
    }

    @Test("Row 64: the last MANAGE can be deleted, and then only an administrator can repair the scope")
    func lastManager() async throws {
        try await run { server, ana in
            try await server.makeScope("hers", token: ana)
            let grant = ["scope": "hers", "principal": "ana@example.com"] as KeyValuePairs
            #expect(try await server.call("acls/delete", grant, token: ana).isDone)
            let refused = try await server.call("scopes/delete", ["scope": "hers"], token: ana)
            #expect(refused.outcome == "403 PERMISSION_DENIED")
            #expect(
                refused.message
                    == "User ana@example.com does not have MANAGE permission on scope hers to perform this action.")
            #expect(try await server.call("scopes/delete", ["scope": "hers"]).isDone)
        }
    }

    @Test("Row 105: of ten puts at the same time every one is there afterwards")
    func parallelPuts() async throws {
        try await run { server, _ in
            let names = (1...10).map { "user-\($0)@example.com" }
            for name in names { try await server.fixture.makeUsers(name) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in names { group.addTask { try await server.allow(name, "WRITE", on: "payments") } }
                try await group.waitForAll()
            }
            let items = try await server.ask("acls/list?scope=payments").list("items")
            #expect(items.count == 11)
            let granted = items.filter { $0["permission"] as? String == "WRITE" }.compactMap {
                $0["principal"] as? String
            }
            #expect(Set(granted) == Set(names))
        }
    }
}
