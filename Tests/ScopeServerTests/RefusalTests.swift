import Foundation
import ScopeServer
import SecretMemory
import SecretScopes
import TestPrograms
import Testing
import WorkspaceFixtures

/// What a server must refuse, with the right status, a JSON body, and an audit event.
@Suite(.timeLimit(.minutes(5))) struct RefusalTests {
    @Test func aRequestWithoutAValidTokenIsRefusedAndCounted() async throws {
        try await TestServer.run { server in
            let expired = try await server.fixture.token(
                for: TemporaryWorkspace.administrator, lifetime: .milliseconds(-1))
            let foreign = try await TemporaryWorkspace().token(for: TemporaryWorkspace.administrator)
            let good = server.administrator
            let attempts: [[String]] = [
                [],
                ["Authorization: Bearer"],
                ["Authorization: Bearer "],
                ["Authorization: \(good)"],
                ["Authorization: Basic \(Data("token:\(good)".utf8).base64EncodedString())"],
                ["Authorization: Token \(good)"],
                ["Authorization: Bearer \(good) x"],
                ["Authorization: Bearer \(good)x"],
                ["Authorization: Bearer \(good.uppercased())"],
                ["Authorization: Bearer \(String(good.dropLast()))"],
                ["Authorization: Bearer \(String(repeating: "a", count: 5000))"],
                ["Authorization: Bearer \(expired)"],
                ["Authorization: Bearer \(foreign)"],
                ["Authorization: Bearer \(good)", "Authorization: Bearer \(good)"],
                ["Authorization: Bearer \(good)", "authorization: Basic eA=="],
                ["X-Authorization: Bearer \(good)"],
            ]
            for headers in attempts {
                let answer = try await RawHTTP.send(
                    "GET", "/api/2.0/secrets/scopes/list", headers: headers, port: server.port)
                #expect(answer.status == 401, "\(headers)")
                #expect(answer.member("error_code") == "UNAUTHENTICATED", "\(headers)")
                #expect(answer.headers["www-authenticate"] == "Bearer", "\(headers)")
                #expect(answer.member("message")?.contains(good) == false)
            }
            let events = try await server.events(.authenticate)
            #expect(events.first?.statusCode == 401)
            // One event for each source and minute, not one for each attempt.
            #expect(events.count <= 2)
            #expect(try await server.events(.listScopes).isEmpty)
        }
    }

    @Test(arguments: ["bearer", "BEARER", "Bearer  "])
    func theWordBearerHasNoCaseAndAnyWidth(scheme: String) async throws {
        try await TestServer.run { server in
            let header = "Authorization: \(scheme) \(server.administrator)"
            let answer = try await RawHTTP.send(
                "GET", "/api/2.0/secrets/scopes/list", headers: [header], port: server.port)
            #expect(answer.status == 200)
        }
    }

    @Test func aRevokedTokenIsRefusedByTheVeryNextRequest() async throws {
        try await TestServer.run { server in
            let services = try server.fixture.services()
            let token = try await services.createToken(
                CreateTokenRequest(kind: .personalAccessToken, operations: .all, lifetime: nil, comment: ""))
            #expect(try await server.get("/api/2.0/secrets/scopes/list", token: token.value.text).status == 200)
            try await services.revokeToken(token.id)
            #expect(try await server.get("/api/2.0/secrets/scopes/list", token: token.value.text).status == 401)
        }
    }

    @Test(arguments: [
        "/", "/api", "/api/2.0/secrets", "/api/2.0/secrets/", "/api/2.0/secrets/get/", "//api/2.0/secrets/get",
        "/api//2.0/secrets/get", "/api/2.0/secrets//get", "/api/2.0/secrets/./get", "/api/2.0/secrets/x/../get",
        "/../api/2.0/secrets/get", "/api/2.0/secrets%2Fget", "/api/2.0/%73ecrets/get", "/api/2.0/secrets/get%00",
        "/api/2.0/secrets/get;a=b", "/API/2.0/secrets/get", "/api/2.1/secrets/get", "/api/2.0/secrets/get\\",
        "/.well-known/../.well-known/databricks-config", "/api/2.0/secrets/scopes/nothing",
    ])
    func aPathThatIsNotExactlyOneOfTheDocumentedOnesIsNotFound(path: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.get(path + "?scope=s&key=k")
            #expect(answer.status == 404)
            #expect(answer.member("error_code") == "ENDPOINT_NOT_FOUND")
            #expect(answer.member("message")?.hasPrefix("No API found for 'GET") == true)
        }
    }

    @Test(arguments: [
        ("POST", "/api/2.0/secrets/get?scope=s&key=k"), ("GET", "/api/2.0/secrets/put"),
        ("PUT", "/api/2.0/secrets/put"), ("DELETE", "/api/2.0/secrets/delete"), ("OPTIONS", "/api/2.0/secrets/list"),
        ("TRACE", "/api/2.0/secrets/list"), ("HEAD", "/api/2.0/secrets/list?scope=s"),
    ])
    func anotherMethodIsNotFound(method: String, target: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.send(method, target, body: method == "POST" ? "{}" : "")
            #expect(answer.status == 404)
            if method == "HEAD" {
                #expect(answer.body.isEmpty)
            } else {
                #expect(answer.member("error_code") == "ENDPOINT_NOT_FOUND")
            }
        }
    }

    @Test(arguments: [
        ("GET", "/", "GET /"), ("PUT", "/api/2.0/secrets/put", "PUT /api/2.0/secrets/put"),
        ("GET", "/api/2.1/secrets/get?key=hunter2hunter2", "GET /api/(3 bytes)/secrets/get"),
        ("GET", "/api/2.0/secrets/hunter2hunter2", "GET /api/2.0/secrets/(14 bytes)"),
        ("DELETE", "/api/2.0/secrets//get", "DELETE /api/2.0/secrets//get"),
        ("PROPFIND", "/api/2.0/secrets/%67et", "(a method of 8 bytes) /api/2.0/secrets/(5 bytes)"),
        ("GET", "/" + String(repeating: "x/", count: 100), "GET (a path of 201 bytes)"),
    ])
    func whatNoServiceOffersIsRecordedOfAKnownCaller(method: String, path: String, target: String) async throws {
        try await TestServer.run { server in
            for _ in 0..<2 { #expect(try await server.send(method, path).status == 404) }
            let events = try await server.events(.unknownCall)
            #expect(events.count == 2)
            for event in events {
                #expect(event.statusCode == 404)
                #expect(event.actor.name == TemporaryWorkspace.administrator)
                #expect(event.parameters.map(\.name) == ["target"])
                #expect(event.parameters.map(\.value) == [target])
                #expect(event.error?.message.contains("hunter2") == false)
            }
        }
    }

    @Test func whatNoServiceOffersIsCountedOfStrangers() async throws {
        try await TestServer.run { server in
            for _ in 0..<5 {
                let answer = try await server.get("/api/2.0/nothing", token: "dapi0")
                #expect(answer.status == 404)
            }
            #expect(try await server.events(.unknownCall).isEmpty)
            let counted = try await server.events(.authenticate)
            #expect((1...2).contains(counted.count))
        }
    }

    @Test func aRunTokenThatAsksForWhatThereIsNotIsRecordedToo() async throws {
        try await TestServer.run { server in
            let narrow = try await server.fixture.token(
                for: TemporaryWorkspace.administrator, operations: .readingInRun)
            #expect(try await server.get("/api/2.0/nothing", token: narrow).status == 404)
            #expect(try await server.events(.unknownCall).map(\.statusCode) == [404])
        }
    }

    @Test(arguments: [
        ("", "malformed"), ("grant_type=password", "unsupported"), ("grant_type=client_credentials&scope=sql", "scope"),
    ])
    func aRequestForAnAccessTokenThatCannotBeServedIsRecorded(form: String, name: String) async throws {
        try await TestServer.serve { server async throws in
            let services = try server.fixture.services()
            let principal = try await services.createPrincipal(kind: .servicePrincipal, name: "pipeline")
            let secret = try await services.createClientSecret(for: principal.name, lifetime: nil).value.text
            func ask(_ secret: String) async throws -> Int {
                let basic = Data("\(principal.name):\(secret)".utf8).base64EncodedString()
                return try await RawHTTP.send(
                    "POST", "/oidc/v1/token", headers: ["Authorization: Basic \(basic)"], body: form,
                    port: server.port
                ).status
            }
            #expect(try await ask(secret) == 400)
            #expect(try await server.events(.issueAccessToken).map(\.statusCode) == [400])
            #expect(try await server.events(.authenticate).isEmpty)
            #expect(try await ask("dose0") == 400)
            #expect(try await server.events(.issueAccessToken).count == 1)
            #expect(try await server.events(.authenticate).count == 1)
        }
    }

    /// The client goes away in the middle of a body; nobody can be answered, but it stands in the record.
    @Test func aBodyThatBreaksOffIsRecorded() async throws {
        try await TestServer.run { server in
            let head = """
                POST /api/2.0/secrets/scopes/create HTTP/1.1\r\nHost: x\r
                Authorization: Bearer \(server.administrator)\r\nContent-Length: 100\r\n\r\n{"scope":
                """
            try await offPool {
                let connection = try RawHTTP.Connection(port: server.port)
                try connection.send(Array(head.utf8))
                connection.finishSending()
                _ = connection.readAll()
            }
            while try await server.events(.createScope).isEmpty { await Task.yield() }
            #expect(try await server.events(.createScope).map(\.statusCode) == [400])
        }
    }

    @Test(arguments: [
        ("", "MALFORMED_REQUEST"), ("{", "MALFORMED_REQUEST"), ("[]", "MALFORMED_REQUEST"),
        ("scope=s&key=k&string_value=hunter2hunter2", "MALFORMED_REQUEST"),
        (#"{"scope":"s","scope":"s","key":"k","string_value":"hunter2hunter2"}"#, "MALFORMED_REQUEST"),
        (#"{"scope":"s","key":7,"string_value":"hunter2hunter2"}"#, "MALFORMED_REQUEST"),
        (#"{"scope":"s","key":"k","string_value":["hunter2hunter2"]}"#, "MALFORMED_REQUEST"),
        (#"{"scope":"s","key":"k","string_value":"hunter2hunter2""#, "MALFORMED_REQUEST"),
        (#"{"scope":"s","key":"k","string_value":"hunter2hunter2\ud800"}"#, "MALFORMED_REQUEST"),
        (#"{"scope":"s","key":"k","string_value":"hunter2hunter2","bytes_value":"aHVudGVyMg=="}"#, "MALFORMED_REQUEST"),
        (#"{"key":"k","string_value":"hunter2hunter2"}"#, "INVALID_PARAMETER_VALUE"),
        (#"{"scope":null,"key":"k","string_value":"hunter2hunter2"}"#, "INVALID_PARAMETER_VALUE"),
        (#"{"scope":"s","key":"k"}"#, "INVALID_PARAMETER_VALUE"),
        (#"{"scope":"s","key":"a b","string_value":"hunter2hunter2"}"#, "INVALID_PARAMETER_VALUE"),
        (#"{"scope":"s","key":"k","bytes_value":"hunter2hunter2!"}"#, "INVALID_PARAMETER_VALUE"),
    ])
    func aBodyThatCannotBeServedIsRefusedAndRecorded(body: String, code: String) async throws {
        try await TestServer.run { server in
            _ = try await server.post("/api/2.0/secrets/scopes/create", #"{"scope":"s"}"#)
            let answer = try await server.post("/api/2.0/secrets/put", body)
            #expect(answer.status == 400)
            #expect(answer.member("error_code") == code)
            #expect(!answer.body.contains("hunter2"))
            let event = try #require(try await server.events(.putSecret).last)
            #expect(event.statusCode == 400)
            #expect(event.error?.message == answer.member("message"))
            #expect(event.actor.name == TemporaryWorkspace.administrator)
            #expect(try await server.get("/api/2.0/secrets/list?scope=s").body == "{}")
        }
    }

    @Test func nestingAndInvalidUTF8AreRefused() async throws {
        try await TestServer.run { server in
            let deep = #"{"scope":"s","x":\#(String(repeating: "[", count: 100_000))"#
            let answer = try await server.post("/api/2.0/secrets/scopes/create", deep)
            #expect(answer.member("error_code") == "MALFORMED_REQUEST")

            let body = Array(#"{"scope":"s"#.utf8) + [0xFF, 0x22, 0x7D]
            let head = """
                POST /api/2.0/secrets/scopes/create HTTP/1.1\r\nHost: x\r\nConnection: close\r
                Authorization: Bearer \(server.administrator)\r\nContent-Length: \(body.count)\r\n\r\n
                """
            let refused = try RawHTTP.parse(try await RawHTTP.exchange(Array(head.utf8) + body, port: server.port))
            #expect(refused.status == 400)
            #expect(refused.member("error_code") == "MALFORMED_REQUEST")
        }
    }

    @Test(arguments: ["text/json", "application/x-www-form-urlencoded", "", "nonsense"])
    func aBodyIsReadWhateverItsTypeIsCalled(type: String) async throws {
        try await TestServer.run { server in
            let headers = type.isEmpty ? [] : ["Content-Type: \(type)"]
            let answer = try await server.send(
                "POST", "/api/2.0/secrets/scopes/create", headers: headers, body: #"{"scope":"s"}"#)
            #expect(answer.body == "{}")
        }
    }

    @Test func aBodyInChunksIsReadToTheLimitAndNoFurther() async throws {
        try await TestServer.run { server in
            func chunked(_ chunks: [String]) async throws -> RawHTTP.Answer {
                let head = """
                    POST /api/2.0/secrets/scopes/create HTTP/1.1\r\nHost: x\r\nConnection: close\r
                    Authorization: Bearer \(server.administrator)\r\nTransfer-Encoding: chunked\r\n\r\n
                    """
                let body = (chunks + [""]).map { String($0.utf8.count, radix: 16) + "\r\n" + $0 + "\r\n" }.joined()
                return try RawHTTP.parse(try await RawHTTP.exchange(Array((head + body).utf8), port: server.port))
            }
            #expect(try await chunked([#"{"sco"#, #"pe":"#, #""s"}"#]).body == "{}")
            let long = String(repeating: " ", count: 100_000)
            let answer = try await chunked([#"{"scope":"t"}"#] + [String](repeating: long, count: 11))
            #expect(answer.status == 400)
            #expect(answer.member("error_code") == "MALFORMED_REQUEST")
            #expect(try await server.events(.createScope).last?.statusCode == 400)
        }
    }

    @Test(arguments: ["scope=s&scope=t", "scope=%", "scope=%FF"])
    func aQueryThatCannotBeReadIsRefusedAndRecorded(query: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.get("/api/2.0/secrets/list?" + query)
            #expect(answer.status == 400)
            #expect(answer.member("error_code") == "MALFORMED_REQUEST")
            #expect(try await server.events(.listSecrets).last?.statusCode == 400)
        }
    }

    /// A stranger learns nothing from how a request is parsed.
    @Test func authenticationComesBeforeParsing() async throws {
        try await TestServer.run { server in
            let answer = try await server.post("/api/2.0/secrets/put", "{", token: "dapi0")
            #expect(answer.status == 401)
        }
    }

    @Test func anErrorThatIsNotOursShowsNothingOfItself() async throws {
        struct Leak: Error, CustomStringConvertible {
            let description = "hunter2hunter2"
        }
        struct Failing: ServiceGateway {
            func services(
                forToken token: SecretBytes?, origin: RequestOrigin
            ) async throws -> any WorkspaceServices {
                throw Leak()
            }
        }
        let fixture = try await TemporaryWorkspace()
        let log = CapturedLog()
        let routes = TestServer.routes(gateway: Failing(), fixture)
        try await LoopbackServer(routes: routes, logger: log.logger).run { port in
            let answer = try await RawHTTP.send("GET", "/api/2.0/secrets/scopes/list", port: port)
            #expect(answer.status == 500)
            #expect(answer.member("error_code") == "INTERNAL_ERROR")
            #expect(!answer.body.contains("hunter2"))
            let id = try #require(answer.headers["x-request-id"])
            #expect(log.text.contains(id))
            #expect(!log.text.contains("hunter2"))
        }
    }
}
