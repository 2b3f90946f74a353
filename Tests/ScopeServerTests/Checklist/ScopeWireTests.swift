import Foundation
import SecretScopes
import Testing
import WorkspaceFixtures

/// The rows of the checklist of Databricks' behaviour that are about scopes, over HTTP.
@Suite struct ScopeWireTests {
    @Test("Row 1: a new scope is listed as DATABRICKS")
    func created() async throws {
        try await TestServer.run { server in
            let answer = try await server.call("scopes/create", ["scope": "payments"])
            #expect(answer.isDone)
            let list = try await server.ask("scopes/list")
            #expect(list.body == #"{"scopes":[{"name":"payments","backend_type":"DATABRICKS"}]}"#)
        }
    }

    @Test("Row 2: a name that is taken is refused")
    func createdTwice() async throws {
        try await TestServer.run { server in
            try await server.makeScope("payments")
            let answer = try await server.call("scopes/create", ["scope": "payments"])
            #expect(answer.outcome == "400 RESOURCE_ALREADY_EXISTS")
            #expect(answer.message == "Scope payments already exists!")
        }
    }

    @Test("Row 3: a name that is taken is refused in any case")
    func createdTwiceInAnotherCase() async throws {
        try await TestServer.run { server in
            try await server.makeScope("payments")
            let answer = try await server.call("scopes/create", ["scope": "PayMents"])
            #expect(answer.outcome == "400 RESOURCE_ALREADY_EXISTS")
            #expect(answer.message == "Scope PayMents already exists!")
        }
    }

    @Test("Row 4: the creator gets MANAGE, and nobody else anything")
    func creatorManages() async throws {
        try await TestServer.run { server in
            let ana = try await server.user("ana@example.com")
            try await server.makeScope("payments", token: ana)
            let me = try await server.get("/api/2.0/preview/scim/v2/Me", token: ana)
            #expect(me.member("userName") == "ana@example.com")
            let list = try await server.ask("acls/list?scope=payments", token: ana)
            #expect(list.body == #"{"items":[{"principal":"ana@example.com","permission":"MANAGE"}]}"#)
        }
    }

    @Test("Row 5: with users as initial principal everybody manages, and the creator has no grant of its own")
    func everybodyManages() async throws {
        try await TestServer.run { server in
            let ana = try await server.user("ana@example.com")
            let answer = try await server.call(
                "scopes/create", ["scope": "payments", "initial_manage_principal": "users"])
            #expect(answer.isDone)
            let list = try await server.ask("acls/list?scope=payments", token: ana)
            #expect(list.body == #"{"items":[{"principal":"users","permission":"MANAGE"}]}"#)
        }
    }

    @Test("Row 6: any other initial principal is refused", arguments: ["admins", "ana@example.com", ""])
    func otherInitialPrincipal(name: String) async throws {
        try await TestServer.run { server in
            _ = try await server.user("ana@example.com")
            let answer = try await server.call(
                "scopes/create", ["scope": "payments", "initial_manage_principal": name])
            #expect(answer.outcome == "400 INVALID_PARAMETER_VALUE")
            #expect(try await server.ask("scopes/list").body == "{}")
        }
    }

    @Test("Row 7: a name has at most 128 characters")
    func longestName() async throws {
        try await TestServer.run { server in
            let longest = String(repeating: "x", count: 128)
            try await server.makeScope(longest)
            let answer = try await server.call("scopes/create", ["scope": longest + "x"])
            #expect(answer.outcome == "400 INVALID_PARAMETER_VALUE")
            #expect(try await server.ask("list?scope=" + longest).body == "{}")
        }
    }

    @Test("Row 8: every character of the grammar may stand anywhere in a name")
    func grammar() async throws {
        try await TestServer.run { server in
            let names = ["-dash", "@", "myapplication/branch", "team.a", "under_score", "you@example.com"]
            for name in names { try await server.makeScope(name) }
            let listed = try await server.ask("scopes/list").list("scopes").map { $0["name"] as? String }
            #expect(listed == names)
        }
    }

    @Test("Row 9: a name outside the grammar is refused", arguments: ["", " ", "a b", "a+b", "a:b"])
    func outsideTheGrammar(name: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.call("scopes/create", ["scope": name])
            #expect(answer.outcome == "400 INVALID_PARAMETER_VALUE")
        }
    }

    @Test("Row 10: the backend is DATABRICKS unless something else is asked for")
    func backend() async throws {
        try await TestServer.run { server in
            for (name, member) in [
                ("a", ""), ("b", #","scope_backend_type":null"#), ("c", #","scope_backend_type":"DATABRICKS""#),
            ] {
                let body = #"{"scope":"\#(name)"\#(member)}"#
                #expect(try await server.post("/api/2.0/secrets/scopes/create", body).isDone, "\(body)")
            }
            let types = try await server.ask("scopes/list").list("scopes").map { $0["backend_type"] as? String }
            #expect(types == ["DATABRICKS", "DATABRICKS", "DATABRICKS"])
            let unknown = try await server.call("scopes/create", ["scope": "d", "scope_backend_type": "VAULT"])
            #expect(unknown.outcome == "400 INVALID_PARAMETER_VALUE")
        }
    }

    @Test("Row 11: a vault without its address is refused, even for a native scope")
    func vaultWithoutAddress() async throws {
        try await TestServer.run { server in
            for type in ["", #","scope_backend_type":"DATABRICKS""#, #","scope_backend_type":"AZURE_KEYVAULT""#] {
                let answer = try await server.post(
                    "/api/2.0/secrets/scopes/create", #"{"scope":"s","backend_azure_keyvault":{}\#(type)}"#)
                #expect(answer.outcome == "400 INVALID_PARAMETER_VALUE")
                #expect(
                    answer.message == """
                        Missing required fields: backend_azure_keyvault.resource_id, backend_azure_keyvault.dns_name
                        """)
            }
        }
    }

    @Test("Row 13: a name keeps the case it was made with, whatever case it is called by")
    func caseIsKept() async throws {
        try await TestServer.run { server in
            try await server.makeScope("PayMents/EU")
            #expect(try await server.ask("list?scope=payments/eu").outcome == "200")
            let listed = try await server.ask("scopes/list").list("scopes").map { $0["name"] as? String }
            #expect(listed == ["PayMents/EU"])
        }
    }

    @Test("Row 14: a deleted scope is gone with its secrets and its ACL")
    func deleted() async throws {
        try await TestServer.run { server in
            try await server.makeScope("payments")
            try await server.put("tok_live_1", scope: "payments", key: "api-key")
            #expect(try await server.call("scopes/delete", ["scope": "payments"]).isDone)
            #expect(try await server.ask("scopes/list").body == "{}")
            for path in ["get?scope=payments&key=api-key", "list?scope=payments", "acls/list?scope=payments"] {
                #expect(try await server.ask(path).outcome == "404 RESOURCE_DOES_NOT_EXIST")
            }
        }
    }

    @Test("Row 15: deleting a scope that is not there is refused")
    func deletedTwice() async throws {
        try await TestServer.run { server in
            let answer = try await server.call("scopes/delete", ["scope": "nope"])
            #expect(answer.outcome == "404 RESOURCE_DOES_NOT_EXIST")
            #expect(answer.message == "Scope nope does not exist!")
        }
    }

    @Test("Row 16: a scope that is made again is empty and has its new creator's grant alone")
    func madeAgain() async throws {
        try await TestServer.run { server in
            let ana = try await server.user("ana@example.com")
            try await server.makeScope("payments")
            try await server.put("tok_live_1", scope: "payments", key: "api-key")
            _ = try await server.call("scopes/delete", ["scope": "payments"])
            try await server.makeScope("payments", token: ana)
            #expect(try await server.ask("list?scope=payments", token: ana).body == "{}")
            let list = try await server.ask("acls/list?scope=payments", token: ana)
            #expect(list.body == #"{"items":[{"principal":"ana@example.com","permission":"MANAGE"}]}"#)
        }
    }

    @Test("Row 17: lists without elements are empty objects, never null")
    func emptyLists() async throws {
        try await TestServer.run { server in
            #expect(try await server.ask("scopes/list").body == "{}")
            try await server.makeScope("payments")
            #expect(try await server.ask("list?scope=payments").body == "{}")
            let grant = ["scope": "payments", "principal": TemporaryWorkspace.administrator] as KeyValuePairs
            #expect(try await server.call("acls/delete", grant).isDone)
            #expect(try await server.ask("acls/list?scope=payments").body == "{}")
        }
    }

    @Test("Row 18: whoever has no grant at all still sees all names, in order")
    func namesAreNotSecret() async throws {
        try await TestServer.run { server in
            let eve = try await server.user("eve@example.com")
            for name in ["zebra", "Alpha"] { try await server.makeScope(name) }
            let listed = try await server.ask("scopes/list", token: eve).list("scopes").map { $0["name"] as? String }
            #expect(listed == ["Alpha", "zebra"])
        }
    }

    @Test("Row 31: a workspace has at most 1,000 scopes")
    func mostScopes() async throws {
        try await TestServer.run { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...1000 {
                    group.addTask { try await server.fixture.makeScope("scope-\(number)") }
                }
                try await group.waitForAll()
            }
            #expect(try await server.ask("scopes/list").list("scopes").count == 1000)
            let answer = try await server.call("scopes/create", ["scope": "one-more"])
            // Not 429, after which clients try again for five minutes.
            #expect(answer.outcome == "400 RESOURCE_LIMIT_EXCEEDED")
            #expect(try await server.call("scopes/delete", ["scope": "scope-500"]).isDone)
            #expect(try await server.call("scopes/create", ["scope": "one-more"]).isDone)
        }
    }
}
