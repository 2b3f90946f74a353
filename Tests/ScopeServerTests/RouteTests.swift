import Foundation
import SecretScopes
import Testing
import WorkspaceFixtures

/// Each call of the interface through the wire, against a real workspace.
@Suite struct RouteTests {
    @Test func aScopeComesAndGoes() async throws {
        try await TestServer.run { server in
            let none = try await server.get("/api/2.0/secrets/scopes/list")
            #expect(none.status == 200 && none.body == "{}")
            let created = try await server.post("/api/2.0/secrets/scopes/create", #"{"scope":"Pay/ments"}"#)
            #expect(created.status == 200 && created.body == "{}")
            let again = try await server.post("/api/2.0/secrets/scopes/create", #"{"scope":"pay/MENTS"}"#)
            #expect(again.status == 400)
            #expect(again.member("error_code") == "RESOURCE_ALREADY_EXISTS")
            let listed = try await server.get("/api/2.0/secrets/scopes/list")
            #expect(listed.body == #"{"scopes":[{"name":"Pay/ments","backend_type":"DATABRICKS"}]}"#)
            let deleted = try await server.post("/api/2.0/secrets/scopes/delete", #"{"scope":"Pay/ments"}"#)
            #expect(deleted.status == 200 && deleted.body == "{}")
            let gone = try await server.post("/api/2.0/secrets/scopes/delete", #"{"scope":"Pay/ments"}"#)
            #expect(gone.status == 404)
            #expect(gone.member("error_code") == "RESOURCE_DOES_NOT_EXIST")
        }
    }

    @Test func aSecretIsStoredAndReadByteForByte() async throws {
        try await TestServer.run { server in
            _ = try await server.post("/api/2.0/secrets/scopes/create", #"{"scope":"s"}"#)
            let text = #"{"scope":"s","key":"text","string_value":"line\nq\"\u00e9é\u0000 "}"#
            #expect(try await server.post("/api/2.0/secrets/put", text).body == "{}")
            let bytes = #"{"scope":"s","key":"bytes","bytes_value":"AP8B"}"#
            #expect(try await server.post("/api/2.0/secrets/put", bytes).body == "{}")

            let read = try await server.get("/api/2.0/secrets/get?key=text&scope=s")
            let expected = Data("line\nq\"éé\0 ".utf8).base64EncodedString()
            #expect(read.status == 200)
            #expect(read.body == #"{"key":"text","value":"\#(expected)"}"#)
            #expect(read.headers["content-type"] == "application/json")
            #expect(read.headers["cache-control"] == "no-store")
            let other = try await server.get("/api/2.0/secrets/get?scope=s&key=bytes")
            #expect(other.body == #"{"key":"bytes","value":"AP8B"}"#)

            let listed = try await server.get("/api/2.0/secrets/list?scope=s")
            let secrets = try #require(listed.json?["secrets"] as? [[String: Any]])
            #expect(secrets.map { $0["key"] as? String } == ["bytes", "text"])
            #expect(secrets.allSatisfy { $0.count == 2 && ($0["last_updated_timestamp"] as? Int64 ?? 0) > 0 })

            #expect(try await server.post("/api/2.0/secrets/delete", #"{"scope":"s","key":"text"}"#).body == "{}")
            let gone = try await server.get("/api/2.0/secrets/get?scope=s&key=text")
            #expect(gone.status == 404)
            #expect(gone.member("message") == "Secret does not exist with scope: s and key: text")
        }
    }

    @Test func namesWithSlashesGoThroughQueries() async throws {
        try await TestServer.run { server in
            _ = try await server.post("/api/2.0/secrets/scopes/create", #"{"scope":"a/b"}"#)
            try await server.fixture.put("x", scope: "a/b", key: "c/d@e")
            let escaped = try await server.get("/api/2.0/secrets/get?scope=a%2Fb&key=c%2fd%40e")
            #expect(escaped.status == 200)
            #expect(try await server.get("/api/2.0/secrets/get?key=c/d@e&scope=a/b").body == escaped.body)
        }
    }

    @Test func grantsAreMadeShownAndTakenAway() async throws {
        try await TestServer.run { server in
            _ = try await server.fixture.services().createPrincipal(kind: .user, name: "ana@example.com")
            _ = try await server.post("/api/2.0/secrets/scopes/create", #"{"scope":"s"}"#)
            let grant = #"{"scope":"s","principal":"ana@example.com","permission":"READ"}"#
            #expect(try await server.post("/api/2.0/secrets/acls/put", grant).body == "{}")
            let one = try await server.get("/api/2.0/secrets/acls/get?scope=s&principal=ana%40example.com")
            #expect(one.body == #"{"principal":"ana@example.com","permission":"READ"}"#)
            let all = try await server.get("/api/2.0/secrets/acls/list?scope=s")
            let items = try #require(all.json?["items"] as? [[String: String]])
            #expect(
                items == [
                    ["principal": "ana@example.com", "permission": "READ"],
                    ["principal": TemporaryWorkspace.administrator, "permission": "MANAGE"],
                ])
            let removal = #"{"scope":"s","principal":"ana@example.com"}"#
            #expect(try await server.post("/api/2.0/secrets/acls/delete", removal).body == "{}")
            #expect(try await server.post("/api/2.0/secrets/acls/delete", removal).status == 404)
            let gone = try await server.get("/api/2.0/secrets/acls/get?scope=s&principal=ana%40example.com")
            #expect(gone.status == 404)
        }
    }

    @Test func whoMayNotReadIsRefusedAndRecorded() async throws {
        try await TestServer.run { server in
            let fixture = server.fixture
            _ = try await fixture.services().createPrincipal(kind: .user, name: "eve@example.com")
            _ = try await server.post("/api/2.0/secrets/scopes/create", #"{"scope":"s"}"#)
            try await fixture.put("x", scope: "s", key: "k")
            let eve = try await fixture.token(for: "eve@example.com")
            let answer = try await server.get("/api/2.0/secrets/get?scope=s&key=k", token: eve)
            #expect(answer.status == 403)
            #expect(answer.member("error_code") == "PERMISSION_DENIED")
            #expect(
                answer.member("message")
                    == "User eve@example.com does not have READ permission on scope s to perform this action.")
            let event = try #require(try await server.events(.getSecret).last)
            #expect(event.statusCode == 403)
            #expect(event.actor.name == "eve@example.com")
            #expect(event.channel.surface == .rest)
            #expect(event.origin.address == "127.0.0.1")
        }
    }

    @Test func theCallerIsToldWhoItIs() async throws {
        try await TestServer.run { server in
            let me = try await server.get("/api/2.0/preview/scim/v2/Me?excludedAttributes=entitlements")
            #expect(me.status == 200)
            #expect(me.member("userName") == TemporaryWorkspace.administrator)
            #expect(me.json?["active"] as? Bool == true)
            let organization = try #require(me.headers["x-databricks-org-id"])
            #expect(Int64(organization).map { $0 > 0 } == true)

            let configuration = try await RawHTTP.send("GET", "/.well-known/databricks-config", port: server.port)
            #expect(configuration.status == 200)
            #expect(configuration.member("oidc_endpoint") == "http://127.0.0.1:\(server.port)/oidc")
            #expect(configuration.member("workspace_id") == organization)
        }
    }

    @Test func aValueMayBeAsLargeAsPromisedAndNoLarger() async throws {
        try await TestServer.run { server in
            _ = try await server.post("/api/2.0/secrets/scopes/create", #"{"scope":"s"}"#)
            // The longest way to write the largest value.
            let largest = String(repeating: #"\u0001"#, count: 131_072)
            let put = try await server.post(
                "/api/2.0/secrets/put", #"{"scope":"s","key":"k","string_value":"\#(largest)"}"#)
            #expect(put.body == "{}")
            let read = try await server.get("/api/2.0/secrets/get?scope=s&key=k")
            let value = try #require(read.member("value").flatMap { Data(base64Encoded: $0) })
            #expect(value == Data(repeating: 1, count: 131_072))
            for count in [131_073, 2_000_000] {
                let body = #"{"scope":"s","key":"k","string_value":"\#(String(repeating: "x", count: count))"}"#
                let answer = try await server.post("/api/2.0/secrets/put", body)
                #expect(answer.status == 400)
                #expect(answer.member("error_code") == "INVALID_PARAMETER_VALUE")
                #expect(try await server.events(.putSecret).last?.statusCode == 400)
            }
        }
    }

    @Test func aConnectionServesManyRequests() async throws {
        try await TestServer.run { server in
            let head =
                "GET /api/2.0/secrets/scopes/list HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(server.administrator)\r\n"
            let requests = String(repeating: head + "\r\n", count: 20) + head + "Connection: close\r\n\r\n"
            let answers = try await RawHTTP.exchange(Array(requests.utf8), port: server.port)
            let count = String(decoding: answers, as: UTF8.self).components(separatedBy: "HTTP/1.1 200 OK").count - 1
            #expect(count == 21)
        }
    }
}
