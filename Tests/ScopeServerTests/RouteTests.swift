import Foundation
import SecretScopes
import Testing
import WorkspaceFixtures

/// What the interface does beside the rows of the checklist.
@Suite struct RouteTests {
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
