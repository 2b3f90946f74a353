import Foundation
import SecretScopes
import Testing
import WorkspaceFixtures

/// Tokens, the directory and OAuth over the wire: what answers look like, and what is refused.
@Suite struct IdentityWireTests {
    private static let scim = "/api/2.0/preview/scim/v2/"

    @Test func tokenAnswersHaveTheirDocumentedMembers() async throws {
        try await TestServer.serve { server async throws in
            let made = try await server.post(
                "/api/2.0/token/create", #"{"comment":"laptop","lifetime_seconds":60,"autoscope_enabled":null}"#)
            let json = try #require(made.json)
            #expect(Set(json.keys) == ["token_value", "token_info"])
            let info = try #require(json["token_info"] as? [String: Any])
            #expect(Set(info.keys) == ["token_id", "creation_time", "expiry_time", "comment"])
            let list = try await server.get("/api/2.0/token/list")
            #expect(list.list("token_infos").contains { $0["token_id"] as? String == info["token_id"] as? String })
            #expect(!list.body.contains(try #require(made.member("token_value"))))
            let managed = try await server.get("/api/2.0/token-management/tokens?created_by_username=root@example.com")
            let first = try #require(managed.list("token_infos").last)
            #expect(
                Set(first.keys) == [
                    "token_id", "creation_time", "expiry_time", "comment", "created_by_username", "owner_username",
                ])
            #expect(
                try await server.get("/api/2.0/token-management/tokens?created_by_username=x").body == "{}")
        }
    }

    @Test(arguments: [
        (#"{"lifetime_seconds":-5}"#, "400 INVALID_PARAMETER_VALUE"),
        (#"{"lifetime_seconds":9223372036854775807}"#, "400 INVALID_PARAMETER_VALUE"),
        (#"{"lifetime_seconds":"60"}"#, "400 MALFORMED_REQUEST"),
        (#"{"lifetime_seconds":1.5}"#, "400 MALFORMED_REQUEST"), (#"{"comment":7}"#, "400 MALFORMED_REQUEST"),
        (#"{"scopes":["secrets"]}"#, "400 INVALID_PARAMETER_VALUE"),
        (#"{"scopes":"all-apis"}"#, "400 MALFORMED_REQUEST"),
        ("[]", "400 MALFORMED_REQUEST"),
    ])
    func tokenThatCannotBeMadeAsAskedIsRefusedAndRecorded(body: String, outcome: String) async throws {
        try await TestServer.serve { server async throws in
            let before = try await server.events(.createToken).count
            #expect(try await server.post("/api/2.0/token/create", body).outcome == outcome)
            #expect(try await server.events(.createToken).dropFirst(before).map(\.statusCode) == [400])
        }
    }

    @Test func tokenOverTheWireAllowsNoMoreThanItsMakers() async throws {
        try await TestServer.serve { server async throws in
            let narrow = try await server.fixture.token(
                for: TemporaryWorkspace.administrator,
                operations: OperationSet([.createToken, .listScopes]))
            let made = try await server.send("POST", "/api/2.0/token/create", token: narrow, body: "{}")
            let token = try #require(made.member("token_value"))
            #expect(try await server.get("/api/2.0/secrets/scopes/list", token: token).status == 200)
            #expect(try await server.get("/api/2.0/token/list", token: token).outcome == "403 PERMISSION_DENIED")
        }
    }

    @Test func tokenIsUselessWhenItsRevocationWasAnswered() async throws {
        try await TestServer.serve { server async throws in
            let made = try await server.post("/api/2.0/token/create", "{}")
            let token = try #require(made.member("token_value"))
            let id = try #require((made.json?["token_info"] as? [String: Any])?["token_id"] as? String)
            let ana = try await server.user("ana@example.com")
            let body = #"{"token_id":"\#(id)"}"#
            #expect(
                try await server.post("/api/2.0/token/delete", body, token: ana).outcome
                    == "404 RESOURCE_DOES_NOT_EXIST")
            #expect(try await server.get("/api/2.0/secrets/scopes/list", token: token).status == 200)
            #expect(try await server.post("/api/2.0/token/delete", body).isDone)
            #expect(try await server.get("/api/2.0/secrets/scopes/list", token: token).status == 401)
            // A token where its id belongs is not repeated.
            let pasted = try await server.post("/api/2.0/token/delete", #"{"token_id":"\#(token)"}"#)
            #expect(pasted.outcome == "404 RESOURCE_DOES_NOT_EXIST" && !pasted.body.contains(token))
        }
    }

    @Test func errorsOfTheDirectoryHaveSCIMsForm() async throws {
        try await TestServer.serve { server async throws in
            let missing = try await server.get(Self.scim + "Users/" + String(repeating: "0", count: 32))
            #expect(missing.status == 404)
            let json = try #require(missing.json)
            #expect(json["schemas"] as? [String] == ["urn:ietf:params:scim:api:messages:2.0:Error"])
            // Go's client cannot read a number there.
            #expect(json["status"] as? String == "404")
            #expect(json["error_code"] == nil && (json["detail"] as? String)?.isEmpty == false)
            let again = try await server.post(Self.scim + "Users", #"{"userName":"root@example.com"}"#)
            #expect(again.status == 400 && again.member("scimType") == "uniqueness")
        }
    }

    @Test(arguments: [
        ("Users?filter=userName%20eq%20%22ROOT@example.com%22", 1), ("Users?filter=userName+eq+%22nobody%22", 0),
        ("Users?filter=displayName%20Eq%20%22root@example.com%22", 1),
        ("Users?filter=applicationId%20eq%20%22root@example.com%22", 0), ("Groups", 2),
        ("Groups?filter=displayName%20eq%20%22admins%22", 1), ("Groups?startIndex=2", 1), ("Groups?count=1", 1),
        ("Groups?count=0", 0), ("Groups?startIndex=-5&count=10000000", 2), ("ServicePrincipals", 0),
    ])
    func listsAreFilteredAndCut(query: String, count: Int) async throws {
        try await TestServer.serve { server async throws in
            let answer = try await server.get(Self.scim + query)
            #expect(answer.status == 200 && answer.list("Resources").count == count, "\(answer)")
            #expect(answer.json?["itemsPerPage"] as? Int == count)
        }
    }

    @Test(arguments: [
        "Users?filter=userName", "Users?filter=userName%20eq%20root", "Users?filter=userName%20co%20%22r%22",
        "Users?filter=id%20eq%20%22r%22", "Users?startIndex=x", "Users?count=",
        "Users?filter=userName%20eq%20%22a%22%20or%20userName%20eq%20%22b%22",
    ])
    func filterThatIsNotOfferedIsRefused(query: String) async throws {
        try await TestServer.serve { server async throws in
            let answer = try await server.get(Self.scim + query)
            #expect(answer.status == 400 && answer.member("scimType") == "invalidValue", "\(answer)")
        }
    }

    @Test func groupWithAMemberThatDoesNotExistIsNotMade() async throws {
        try await TestServer.serve { server async throws in
            let nobody = String(repeating: "0", count: 32)
            let body = #"{"displayName":"analysts","members":[{"value":"\#(nobody)"}]}"#
            #expect(try await server.post(Self.scim + "Groups", body).status == 404)
            #expect(try await server.get(Self.scim + "Groups").list("Resources").count == 2)
        }
    }

    @Test(arguments: [
        "{}", #"{"Operations":[{"op":"replace","path":"meta","value":[]}]}"#, #"{"Operations":[{"op":"add"}]}"#,
        #"{"Operations":[{"op":"add","path":"displayName","value":"x"}]}"#, #"{"Operations":[{"op":"remove"}]}"#,
        #"{"Operations":[{"op":"add","path":"members","value":[{"value":"nobody"}]}]}"#, #"{"Operations":[7]}"#,
    ])
    func changeThatIsNotOfferedIsRefusedAndRecorded(body: String) async throws {
        try await TestServer.serve { server async throws in
            let group = try await server.post(Self.scim + "Groups", #"{"displayName":"analysts"}"#)
            let path = Self.scim + "Groups/" + (try #require(group.member("id")))
            let answer = try await server.send("PATCH", path, body: body)
            #expect(answer.status == 400, "\(answer)")
            #expect(try await server.events(.addGroupMember).map(\.statusCode) == [400])
        }
    }

    @Test(arguments: [
        "{}", #"{"Operations":[]}"#, #"{"Operations":[{"op":"replace","path":"active","value":"false"}]}"#,
        #"{"Operations":[{"op":"remove","path":"active"}]}"#,
        #"{"Operations":[{"op":"replace","path":"userName","value":"eva"}]}"#,
        #"{"Operations":[{"op":"replace","value":{"active":false,"userName":"eva"}}]}"#,
    ])
    func changeOfAUserThatIsNotOfferedIsRefused(body: String) async throws {
        try await TestServer.serve { server async throws in
            let user = try await server.post(Self.scim + "Users", #"{"userName":"ana@example.com"}"#)
            let path = Self.scim + "Users/" + (try #require(user.member("id")))
            #expect(try await server.send("PATCH", path, body: body).status == 400)
            #expect(try await server.get(path).json?["active"] as? Bool == true)
        }
    }

    @Test func groupIsRenamedAndKeepsWhatItWasGranted() async throws {
        try await TestServer.serve { server async throws in
            let ana = try await server.user("ana@example.com")
            try await server.makeScope("payments")
            let group = try await server.post(Self.scim + "Groups", #"{"displayName":"analysts"}"#)
            let path = Self.scim + "Groups/" + (try #require(group.member("id")))
            try await server.fixture.services().addGroupMember("ana@example.com", to: "analysts")
            try await server.fixture.services().putACL(scope: "payments", principal: "analysts", permission: "READ")
            let rename = #"{"Operations":[{"op":"replace","path":"displayName","value":"readers"}]}"#
            #expect(try await server.send("PATCH", path, body: rename).status == 204)
            #expect(try await server.get(path).member("displayName") == "readers")
            #expect(try await server.get("/api/2.0/secrets/list?scope=payments", token: ana).status == 200)
            let items = try await server.get("/api/2.0/secrets/acls/list?scope=payments")
            #expect(items.body.contains("readers") && !items.body.contains("analysts"))
            #expect(try await server.events(.renamePrincipal).map(\.statusCode) == [200])
            // The old name is free, the new one taken.
            #expect(try await server.post(Self.scim + "Groups", #"{"displayName":"analysts"}"#).status == 201)
            let taken = #"{"Operations":[{"op":"replace","value":{"displayName":"Analysts"}}]}"#
            #expect(try await server.send("PATCH", path, body: taken).member("scimType") == "uniqueness")
        }
    }

    @Test func reservedGroupsKeepTheirNames() async throws {
        try await TestServer.serve { server async throws in
            for group in try await server.get(Self.scim + "Groups").list("Resources") {
                let path = Self.scim + "Groups/" + (try #require(group["id"] as? String))
                let body = #"{"Operations":[{"op":"replace","path":"displayName","value":"others"}]}"#
                #expect(try await server.send("PATCH", path, body: body).status == 400)
            }
        }
    }

    @Test func putReplacesNameAndMembersOfAGroup() async throws {
        try await TestServer.serve { server async throws in
            var ids: [String] = []
            for name in ["ana@example.com", "eva@example.com"] {
                let user = try await server.post(Self.scim + "Users", #"{"userName":"\#(name)"}"#)
                ids.append(try #require(user.member("id")))
            }
            let group = try await server.post(
                Self.scim + "Groups", #"{"displayName":"analysts","members":[{"value":"\#(ids[0])"}]}"#)
            let path = Self.scim + "Groups/" + (try #require(group.member("id")))
            let body = #"{"displayName":"readers","members":[{"value":"\#(ids[1])"}]}"#
            let answer = try await server.send("PUT", path, body: body)
            #expect(answer.status == 200 && answer.member("displayName") == "readers")
            #expect(answer.list("members").map { $0["value"] as? String } == [ids[1]])
            // A group that is put without members has none.
            let empty = try await server.send("PUT", path, body: #"{"displayName":"readers"}"#)
            #expect(empty.status == 200 && empty.list("members").isEmpty)
            // Nobody can put the last administrator out.
            let admins = try await server.get(Self.scim + "Groups?filter=displayName%20eq%20%22admins%22")
            let id = try #require(admins.list("Resources").first?["id"] as? String)
            let refused = try await server.send("PUT", Self.scim + "Groups/" + id, body: #"{"displayName":"admins"}"#)
            #expect(refused.status == 400)
            #expect(try await server.get(Self.scim + "Me").status == 200)
        }
    }

    @Test func putChangesWhatAUserIsCalledAndWhetherItIsActive() async throws {
        try await TestServer.serve { server async throws in
            let user = try await server.post(Self.scim + "Users", #"{"userName":"ana@example.com"}"#)
            let path = Self.scim + "Users/" + (try #require(user.member("id")))
            let body = #"{"userName":"Ana@example.com","displayName":"Ana Ortiz","active":false}"#
            let answer = try await server.send("PUT", path, body: body)
            #expect(answer.status == 200 && answer.member("displayName") == "Ana Ortiz")
            #expect(answer.member("userName") == "ana@example.com" && answer.json?["active"] as? Bool == false)
            let other = try await server.send("PUT", path, body: #"{"userName":"eva@example.com"}"#)
            #expect(other.status == 400 && other.member("scimType") == "invalidValue")
            #expect(try await server.events(.renamePrincipal).map(\.statusCode) == [200, 400])
        }
    }

    @Test func commentOfATokenIsChanged() async throws {
        try await TestServer.serve { server async throws in
            let made = try await server.post("/api/2.0/token/create", #"{"comment":"laptop"}"#)
            let id = try #require((made.json?["token_info"] as? [String: Any])?["token_id"] as? String)
            func change(_ body: String, token: String? = nil) async throws -> RawHTTP.Answer {
                try await server.send("PATCH", "/api/2.0/token/\(id)", token: token, body: body)
            }
            let body = #"{"token":{"comment":"desk"},"update_mask":"comment"}"#
            #expect(try await change(body).isDone)
            let listed = try await server.get("/api/2.0/token/list").list("token_infos")
            #expect(listed.first { $0["token_id"] as? String == id }?["comment"] as? String == "desk")
            let token = made.member("token_value")
            #expect(try await server.get("/api/2.0/secrets/scopes/list", token: token).status == 200)
            let ana = try await server.user("ana@example.com")
            #expect(try await change(body, token: ana).outcome == "404 RESOURCE_DOES_NOT_EXIST")
            for wrong in [
                "{}", #"{"token":{"comment":"x"}}"#, #"{"token":{"comment":"x"},"update_mask":"expiry_time"}"#,
                #"{"token":{"comment":"\#(String(repeating: "x", count: 257))"},"update_mask":"comment"}"#,
            ] {
                #expect(try await change(wrong).outcome == "400 INVALID_PARAMETER_VALUE")
            }
            #expect(try await server.events(.updateToken).map(\.statusCode) == [200, 404, 400, 400, 400, 400])
            #expect(try await server.fixture.services().verify(against: nil) { _, _ in }.problems == [])
        }
    }

    @Test func dayOfATokensLastUseIsShownToAdministrators() async throws {
        try await TestServer.serve { server async throws in
            let made = try await server.post("/api/2.0/token/create", "{}")
            let id = try #require((made.json?["token_info"] as? [String: Any])?["token_id"] as? String)
            let path = "/api/2.0/token-management/tokens/\(id)"
            func day() async throws -> Any? {
                (try await server.get(path).json?["token_info"] as? [String: Any])?["last_used_day"]
            }
            #expect(try await day() == nil)
            _ = try await server.get("/api/2.0/secrets/scopes/list", token: made.member("token_value"))
            let used = try #require(try await day() as? Int)
            #expect(used % 86_400_000 == 0)
            #expect(abs(Int(Date().timeIntervalSince1970 * 1000) - used) < 2 * 86_400_000)
        }
    }

    @Test func userWhoIsMadeInactiveIsRefusedByTheNextRequest() async throws {
        try await TestServer.serve { server async throws in
            let user = try await server.post(Self.scim + "Users", #"{"userName":"ana@example.com"}"#)
            let token = try await server.fixture.token(for: "ana@example.com")
            #expect(try await server.get("/api/2.0/secrets/scopes/list", token: token).status == 200)
            let path = Self.scim + "Users/" + (try #require(user.member("id")))
            let body = #"{"Operations":[{"op":"replace","path":"active","value":false}]}"#
            #expect(try await server.send("PATCH", path, body: body).status == 204)
            #expect(try await server.get("/api/2.0/secrets/scopes/list", token: token).status == 403)
        }
    }

    @Test func directoryIsForAdministrators() async throws {
        try await TestServer.serve { server async throws in
            let ana = try await server.user("ana@example.com")
            for path in ["Users", "Groups", "ServicePrincipals", "Users/" + String(repeating: "0", count: 32)] {
                let answer = try await server.get(Self.scim + path, token: ana)
                #expect(answer.status == 403 && answer.member("status") == "403", "\(path)")
            }
            #expect(try await server.post(Self.scim + "Users", #"{"userName":"eva"}"#, token: ana).status == 403)
            #expect(
                try await server.get("/api/2.0/token-management/tokens", token: ana).outcome
                    == "403 PERMISSION_DENIED")
        }
    }

    @Test(arguments: [
        ("grant_type=client_credentials", "", 401, "invalid_client"),
        ("grant_type=client_credentials", "Basic eA==", 401, "invalid_client"),
        ("grant_type=client_credentials", "Basic !!", 401, "invalid_client"),
        ("grant_type=client_credentials", "Basic bm9ib2R5OmRvc2Uw", 401, "invalid_client"),
        ("grant_type=client_credentials", "Bearer dapi0", 401, "invalid_client"),
        ("grant_type=password", "", 400, "unsupported_grant_type"), ("", "", 400, "invalid_request"),
        ("grant_type=client_credentials&scope=sql", "", 400, "invalid_scope"),
        ("grant_type=%FF", "", 400, "invalid_request"),
        ("grant_type=client_credentials&grant_type=password", "", 400, "invalid_request"),
    ])
    func refusalOfAnAccessTokenHasOAuthsForm(form: String, shown: String, status: Int, code: String) async throws {
        try await TestServer.serve { server async throws in
            let answer = try await RawHTTP.send(
                "POST", "/oidc/v1/token", headers: shown.isEmpty ? [] : ["Authorization: \(shown)"],
                body: form, port: server.port)
            #expect(answer.status == status && answer.member("error") == code, "\(answer)")
            #expect(answer.headers["content-type"] == "application/json")
            #expect(answer.member("error_description")?.isEmpty == false)
        }
    }

    @Test func accessTokenEndsWithItsClientSecret() async throws {
        try await TestServer.serve { server async throws in
            let application = try await server.fixture.makeServicePrincipal("nightly")
            let services = try server.fixture.services()
            let secret = try await services.createClientSecret(for: application, lifetime: nil)
            let basic = Data("\(application):\(secret.value.text)".utf8).base64EncodedString()
            let answer = try await RawHTTP.send(
                "POST", "/oidc/v1/token", headers: ["Authorization: Basic \(basic)"],
                body: "grant_type=client_credentials", port: server.port)
            let token = try #require(answer.member("access_token"))
            #expect(answer.headers["cache-control"] == "no-store")
            #expect(try await server.get("/api/2.0/secrets/scopes/list", token: token).status == 200)
            // The client secret itself opens nothing else.
            #expect(try await server.get("/api/2.0/secrets/scopes/list", token: secret.value.text).status == 401)
            try await services.deleteClientSecret(secret.id, of: application)
            #expect(try await server.get("/api/2.0/secrets/scopes/list", token: token).status == 401)
        }
    }

    @Test func runsBrokerHasNoneOfTheseRoutes() async throws {
        try await TestServer.run { server async throws in
            for (method, path) in [
                ("POST", "/api/2.0/token/create"), ("GET", Self.scim + "Users"), ("POST", "/oidc/v1/token"),
                ("GET", "/metrics"), ("GET", "/health"),
            ] {
                #expect(try await server.send(method, path).outcome == "404 ENDPOINT_NOT_FOUND", "\(path)")
            }
        }
    }
}
