import Foundation
import SecretScopes
import Testing
import WorkspaceFixtures

/// The rows of the checklist that are about who may do what, over HTTP.
@Suite struct PermissionWireTests {
    /// A call, and the permission that it needs.
    struct Call {
        let name: String
        let needs: Permission
        let send: @Sendable (TestServer, String) async throws -> RawHTTP.Answer

        init(
            _ name: String, needs permission: Permission,
            _ send: @escaping @Sendable (TestServer, String) async throws -> RawHTTP.Answer
        ) {
            self.name = name
            self.needs = permission
            self.send = send
        }
    }

    /// Every call that needs a permission, in an order in which all of them can be done one after the other.
    static let calls: [Call] = [
        Call("get", needs: .read) { try await $0.ask("get?scope=payments&key=api-key", token: $1) },
        Call("list", needs: .read) { try await $0.ask("list?scope=payments", token: $1) },
        Call("put", needs: .write) {
            try await $0.call("put", ["scope": "payments", "key": "new", "string_value": "v"], token: $1)
        },
        Call("delete", needs: .write) {
            try await $0.call("delete", ["scope": "payments", "key": "new"], token: $1)
        },
        Call("put ACL", needs: .manage) {
            try await $0.call(
                "acls/put", ["scope": "payments", "principal": "users", "permission": "READ"], token: $1)
        },
        Call("get ACL", needs: .manage) { try await $0.ask("acls/get?scope=payments&principal=users", token: $1) },
        Call("list ACLs", needs: .manage) { try await $0.ask("acls/list?scope=payments", token: $1) },
        Call("delete ACL", needs: .manage) {
            try await $0.call("acls/delete", ["scope": "payments", "principal": "users"], token: $1)
        },
        Call("delete scope", needs: .manage) { try await $0.call("scopes/delete", ["scope": "payments"], token: $1) },
    ]

    /// Runs `body` beside a server that has the scope `payments` with one secret, and the user `ana@example.com`, whose
    /// token is handed in.
    private func run(_ body: @Sendable (TestServer, String) async throws -> Void) async throws {
        try await TestServer.run { server in
            try await server.makeScope("payments")
            try await server.put("tok_live_1", scope: "payments", key: "api-key")
            try await body(server, server.user("ana@example.com"))
        }
    }

    /// Expects exactly the calls that `permission` is enough for to be done.
    private func expect(
        _ permission: Permission?,
        of name: String = "ana@example.com",
        token: String,
        _ server: TestServer,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        let isAllowed = { (call: Call) in permission.map { call.needs <= $0 } ?? false }
        // Refused ones first: what is allowed changes things.
        for call in Self.calls.filter({ !isAllowed($0) }) {
            let answer = try await call.send(server, token)
            #expect(answer.outcome == "403 PERMISSION_DENIED", "\(call.name)", sourceLocation: location)
            let message =
                "User \(name) does not have \(call.needs) permission on scope payments to perform this action."
            #expect(answer.message == message, "\(call.name)", sourceLocation: location)
        }
        for call in Self.calls.filter(isAllowed) {
            let answer = try await call.send(server, token)
            #expect(answer.outcome == "200", "\(call.name)", sourceLocation: location)
        }
    }

    @Test("Row 43: READ is enough for get and list")
    func reading() async throws {
        try await run { server, ana in
            try await server.allow("ana@example.com", "READ", on: "payments")
            let read = try await server.ask("get?scope=payments&key=api-key", token: ana)
            #expect(read.body == #"{"key":"api-key","value":"dG9rX2xpdmVfMQ=="}"#)
            #expect(try await server.ask("list?scope=payments", token: ana).list("secrets").count == 1)
        }
    }

    @Test("Row 44: READ is not enough for anything else")
    func writingWithRead() async throws {
        try await run { server, ana in
            try await server.allow("ana@example.com", "READ", on: "payments")
            try await expect(.read, token: ana, server)
        }
    }

    @Test("Row 45: WRITE is enough for get, list, put and delete")
    func writing() async throws {
        try await run { server, ana in
            try await server.allow("ana@example.com", "WRITE", on: "payments")
            for call in Self.calls where call.needs <= .write {
                #expect(try await call.send(server, ana).outcome == "200", "\(call.name)")
            }
        }
    }

    @Test("Row 46: WRITE is not enough for the ACL, nor for deleting the scope")
    func managingWithWrite() async throws {
        try await run { server, ana in
            try await server.allow("ana@example.com", "WRITE", on: "payments")
            try await expect(.write, token: ana, server)
        }
    }

    @Test("Row 47: MANAGE is enough for everything")
    func managing() async throws {
        try await run { server, ana in
            try await server.allow("ana@example.com", "MANAGE", on: "payments")
            try await expect(.manage, token: ana, server)
            #expect(try await server.ask("scopes/list").body == "{}")
        }
    }

    @Test("Row 48: without any grant every call is refused in the known words")
    func nothing() async throws {
        try await run { server, ana in
            try await expect(nil, token: ana, server)
        }
    }

    @Test("Row 49: an administrator may do everything with no grant at all")
    func administrator() async throws {
        try await run { server, ana in
            let grant = ["scope": "payments", "principal": TemporaryWorkspace.administrator] as KeyValuePairs
            #expect(try await server.call("acls/delete", grant).isDone)
            try await server.fixture.services().addGroupMember("ana@example.com", to: "admins")
            try await expect(.manage, token: ana, server)
        }
    }

    @Test("Row 50: what a group was granted its users may")
    func groupOfUsers() async throws {
        try await run { server, ana in
            try await server.fixture.makeGroup("analysts", of: "ana@example.com")
            try await server.allow("analysts", "WRITE", on: "payments")
            try await expect(.write, token: ana, server)
        }
    }

    @Test("Row 51: what a group was granted its service principals may")
    func groupOfServicePrincipals() async throws {
        try await run { server, _ in
            let job = try await server.fixture.makeServicePrincipal("nightly job")
            try await server.fixture.makeGroup("jobs", of: job)
            try await server.allow("jobs", "READ", on: "payments")
            try await expect(.read, of: job, token: server.fixture.token(for: job), server)
        }
    }

    @Test("Row 52: the strongest grant of the user and of its groups counts")
    func strongest() async throws {
        try await run { server, ana in
            try await server.fixture.makeGroup("analysts", of: "ana@example.com")
            try await server.allow("ana@example.com", "READ", on: "payments")
            try await server.allow("analysts", "WRITE", on: "payments")
            try await server.allow("users", "READ", on: "payments")
            try await expect(.write, token: ana, server)
        }
    }

    @Test("Row 53: a group in a group counts")
    func nestedGroups() async throws {
        try await run { server, ana in
            try await server.fixture.makeGroup("analysts", of: "ana@example.com")
            try await server.fixture.makeGroup("finance", of: "analysts")
            try await server.fixture.makeGroup("company", of: "finance")
            try await server.fixture.services().addGroupMember("company", to: "analysts")
            try await server.allow("company", "READ", on: "payments")
            try await expect(.read, token: ana, server)
        }
    }

    @Test("Row 54: whoever is removed from a group is refused by the very next call")
    func removedFromGroup() async throws {
        try await run { server, ana in
            try await server.fixture.makeGroup("analysts", of: "ana@example.com")
            try await server.allow("analysts", "READ", on: "payments")
            try await expect(.read, token: ana, server)
            try await server.fixture.services().removeGroupMember("ana@example.com", from: "analysts")
            try await expect(nil, token: ana, server)
        }
    }
}
