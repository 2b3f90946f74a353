import Foundation
import SecretMemory
import SecretScopes
import Synchronization
import Testing
import WorkspaceFixtures

/// The rows of the checklist that are about who one is, what else the server answers, and what the official client makes
/// of it.
@Suite struct SignInWireTests {
    /// Runs `body` beside a server that has the scope `payments` with one secret.
    private func run(_ body: @Sendable (TestServer) async throws -> Void) async throws {
        try await TestServer.serve { server async throws in
            try await server.makeScope("payments")
            try await server.put("tok_live_5f2a", scope: "payments", key: "api-key")
            try await body(server)
        }
    }

    /// Lets the official client show a row.
    private func show(_ row: String, _ server: TestServer, _ arguments: String...) async throws {
        let output = try await PythonScript.run(
            "checklist.py", arguments: [row, "http://127.0.0.1:\(server.port)"] + arguments)
        #expect(output == "as expected\n")
    }

    @Test("Row 71: a wrong or a missing token is refused with 401 and a JSON body", arguments: ["dapi0", nil])
    func wrongToken(token: String?) async throws {
        try await TestServer.serve { server async throws in
            let headers = token.map { ["Authorization: Bearer \($0)"] } ?? []
            for path in [
                "/api/2.0/secrets/scopes/list", "/api/2.0/preview/scim/v2/Users", "/api/2.0/token/list",
                "/api/2.0/preview/scim/v2/Me", "/api/2.0/token-management/tokens",
            ] {
                let answer = try await RawHTTP.send("GET", path, headers: headers, port: server.port)
                #expect(answer.outcome == "401 UNAUTHENTICATED", "\(path)")
            }
            if let token { try await show("71", server, token) }
        }
    }

    @Test("Row 72: an unknown path is answered by 404 ENDPOINT_NOT_FOUND in JSON")
    func unknownPath() async throws {
        try await TestServer.serve { server async throws in
            for (method, path) in [
                ("GET", "/api/2.0/secrets/nothing"), ("GET", "/api/2.0/preview/scim/v2/Nobody"), ("PUT", "/health"),
                ("GET", "/oidc/v1/token"), ("POST", "/api/2.0/clusters/create"), ("GET", "/"),
            ] {
                let answer = try await server.send(method, path)
                #expect(answer.outcome == "404 ENDPOINT_NOT_FOUND", "\(method) \(path)")
            }
            try await show("72", server, server.administrator)
        }
    }

    @Test("Row 73: the first document has the OIDC endpoint and the workspace's number as a text")
    func configuration() async throws {
        try await TestServer.serve { server async throws in
            let answer = try await RawHTTP.send("GET", "/.well-known/databricks-config", port: server.port)
            #expect(answer.status == 200 && answer.headers["content-type"] == "application/json")
            #expect(answer.member("oidc_endpoint") == "http://127.0.0.1:\(server.port)/oidc")
            #expect(answer.member("workspace_id").flatMap { Int64($0) }.map { $0 > 0 } == true)
            #expect(answer.member("host_type") == "workspace")
            try await show("73", server, server.administrator)
        }
    }

    @Test("Row 74: a service principal signs in with client id and secret, end to end")
    func machineToMachine() async throws {
        try await run { server async throws in
            let application = try await server.fixture.makeServicePrincipal("nightly")
            try await server.fixture.allow(application, .read, on: "payments")
            let secret = try await server.fixture.services().createClientSecret(for: application, lifetime: nil)
            try await show("74", server, application, secret.value.text)
            let event = try #require(try await server.events(.getSecret).last)
            #expect(event.actor.name == application && event.statusCode == 200)
            #expect(event.origin.credential == secret.id)
        }
    }

    @Test("Row 75: client id and secret are found with and without the escapes that Go writes")
    func escapes() async throws {
        try await TestServer.serve { server async throws in
            let application = try await server.fixture.makeServicePrincipal("nightly")
            let secret = try await server.fixture.services()
                .createClientSecret(for: application, lifetime: nil).value.text
            // What Go's url.QueryEscape leaves as it is.
            #expect((application + secret).allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
            let escaped = secret.utf8.map { String(format: "%%%02X", $0) }.joined()
            for shown in [
                "\(application):\(secret)", "\(application):\(escaped)",
                "%\(String(format: "%02x", application.utf8.first ?? 0))\(application.dropFirst()):\(secret)",
            ] {
                let answer = try await RawHTTP.send(
                    "POST", "/oidc/v1/token",
                    headers: ["Authorization: Basic \(Data(shown.utf8).base64EncodedString())"],
                    body: "grant_type=client_credentials&scope=all-apis", port: server.port)
                #expect(answer.status == 200, "\(answer)")
                #expect(answer.member("token_type") == "Bearer" && answer.json?["expires_in"] as? Int == 3600)
                let token = try #require(answer.member("access_token"))
                #expect(
                    try await server.get("/api/2.0/preview/scim/v2/Me", token: token).member("userName") == application)
            }
        }
    }

    @Test("Row 77: Me tells the user name, and the workspace's number in a header")
    func me() async throws {
        try await TestServer.serve { server async throws in
            let answer = try await server.get("/api/2.0/preview/scim/v2/Me?excludedAttributes=entitlements")
            #expect(answer.member("userName") == TemporaryWorkspace.administrator)
            #expect(answer.headers["x-databricks-org-id"].flatMap { Int64($0) }.map { $0 > 0 } == true)
            try await show("77", server, server.administrator, TemporaryWorkspace.administrator)
        }
    }

    @Test("Row 78: a list ends with a page without Resources")
    func pages() async throws {
        try await TestServer.serve { server async throws in
            try await server.fixture.makeUsers("ana@example.com", "bob@example.com")
            let past = try await server.get("/api/2.0/preview/scim/v2/Users?startIndex=100&count=10")
            #expect(past.status == 200 && past.list("Resources").isEmpty)
            #expect(past.json?["totalResults"] as? Int == 3 && past.json?["startIndex"] as? Int == 100)
            try await show(
                "78", server, server.administrator, "ana@example.com", "bob@example.com",
                TemporaryWorkspace.administrator)
        }
    }

    @Test("Row 79: a body that is called text/json is parsed")
    func contentType() async throws {
        try await TestServer.serve { server async throws in
            let answer = try await server.send(
                "POST", "/api/2.0/secrets/scopes/create", headers: ["Content-Type: text/json"],
                body: #"{"scope":"payments"}"#)
            #expect(answer.isDone)
            let token = try await server.send(
                "POST", "/api/2.0/token/create", headers: ["Content-Type: text/json"], body: "{}")
            #expect(token.member("token_value")?.hasPrefix("dapi") == true)
        }
    }

    /// Refuses the first request to the services because of too many.
    private final class Busy: ServiceGateway, ClientCredentialGateway {
        private let gateway: any ServiceGateway & ClientCredentialGateway
        private let wasBusy = Atomic(false)

        init(_ gateway: any ServiceGateway & ClientCredentialGateway) {
            self.gateway = gateway
        }

        func services(forToken token: SecretBytes?, origin: RequestOrigin) async throws -> any WorkspaceServices {
            guard wasBusy.exchange(true, ordering: .relaxed) else {
                throw ScopeError(.requestLimitExceeded, "Too many requests.")
            }
            return try await gateway.services(forToken: token, origin: origin)
        }

        func accessToken(
            clientID: String, clientSecret: SecretBytes, origin: RequestOrigin
        ) async throws -> IssuedAccessToken {
            try await gateway.accessToken(clientID: clientID, clientSecret: clientSecret, origin: origin)
        }

        func recordRefusal(
            clientID: String, clientSecret: SecretBytes, origin: RequestOrigin, error: ScopeError
        ) async throws {
            try await gateway.recordRefusal(
                clientID: clientID, clientSecret: clientSecret, origin: origin, error: error)
        }
    }

    @Test("Row 80: a client that is told to wait by 429 and Retry-After does, and then succeeds")
    func retryAfter() async throws {
        try await TestServer.serve(gateway: { Busy($0) }) { server async throws in
            try await show("80", server, server.administrator)
        }
    }

    @Test("Row 81: the client tries no final error again")
    func finalErrors() async throws {
        try await TestServer.serve { server async throws in try await show("81", server, server.administrator) }
    }

    @Test("Row 82: the same put again leaves the same state")
    func repeatedPut() async throws {
        try await TestServer.serve { server async throws in try await show("82", server, server.administrator) }
    }

    @Test("Row 83: dbutils get and getBytes each take one GET")
    func utilitiesGet() async throws {
        try await run { server async throws in try await show("83", server, server.administrator) }
    }

    @Test("Row 84: dbutils list and listScopes give named tuples")
    func utilitiesList() async throws {
        try await run { server async throws in try await show("84", server, server.administrator) }
    }

    @Test("Row 85: a missing secret is ResourceDoesNotExist in dbutils")
    func utilitiesMissing() async throws {
        try await run { server async throws in try await show("85", server, server.administrator) }
    }

    @Test func officialClientManagesTokensAndPrincipals() async throws {
        try await TestServer.serve { server async throws in
            let ana = try await server.user("ana@example.com")
            try await show("tokens", server, server.administrator, ana)
            try await show("directory", server, server.administrator, ana)
        }
    }
}
