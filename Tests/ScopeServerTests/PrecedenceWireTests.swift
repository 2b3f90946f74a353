import Foundation
import SecretScopes
import Testing
import WorkspaceFixtures

/// When several things are wrong with a request, which of them is answered: authentication before the request's form,
/// that before whether the scope exists, that before the permission, and what the call is about last.
@Suite struct PrecedenceWireTests {
    /// A request, as it is when nothing is wrong with it; `SCOPE` and `TARGET` stand for names.
    struct Request: CustomTestStringConvertible {
        let method: String
        let path: String
        let parameters: String
        /// The answer when the target does not exist; `nil` when the request has no target but the scope.
        var target: String?
        var testDescription: String { path }
    }

    static let requests = [
        Request(
            method: "GET", path: "get", parameters: "scope=SCOPE&key=TARGET", target: "404 RESOURCE_DOES_NOT_EXIST"),
        Request(
            method: "POST", path: "delete", parameters: #"{"scope":"SCOPE","key":"TARGET"}"#,
            target: "404 RESOURCE_DOES_NOT_EXIST"),
        Request(method: "POST", path: "put", parameters: #"{"scope":"SCOPE","key":"k","string_value":"v"}"#),
        Request(method: "GET", path: "list", parameters: "scope=SCOPE"),
        Request(method: "POST", path: "scopes/delete", parameters: #"{"scope":"SCOPE"}"#),
        Request(
            method: "POST", path: "acls/put",
            parameters: #"{"scope":"SCOPE","principal":"TARGET","permission":"READ"}"#,
            target: "400 INVALID_PARAMETER_VALUE"),
        Request(
            method: "GET", path: "acls/get", parameters: "scope=SCOPE&principal=TARGET",
            target: "404 RESOURCE_DOES_NOT_EXIST"),
        Request(
            method: "POST", path: "acls/delete", parameters: #"{"scope":"SCOPE","principal":"TARGET"}"#,
            target: "404 RESOURCE_DOES_NOT_EXIST"),
        Request(method: "GET", path: "acls/list", parameters: "scope=SCOPE"),
    ]

    @Test(arguments: requests)
    func theFirstFaultIsAnswered(request: Request) async throws {
        try await TestServer.run { server in
            try await server.makeScope("payments")
            try await server.put("tok_live_1", scope: "payments", key: "users")
            let eve = try await server.user("eve@example.com")
            for bits in 1..<32 where request.target != nil || bits & 16 == 0 {
                let (hasWrongToken, isMalformed) = (bits & 1 != 0, bits & 2 != 0)
                let (lacksScope, lacksPermission, lacksTarget) = (bits & 4 != 0, bits & 8 != 0, bits & 16 != 0)
                var parameters = request.parameters
                    .replacing("SCOPE", with: lacksScope ? "scope-that-is-missing" : "payments")
                    .replacing("TARGET", with: lacksTarget ? "target-that-is-missing" : "users")
                if isMalformed { parameters += request.method == "GET" ? "&scope=%" : "}" }
                let token = hasWrongToken ? "dapi0" : lacksPermission ? eve : server.administrator
                let answer =
                    request.method == "GET"
                    ? try await server.ask("\(request.path)?\(parameters)", token: token)
                    : try await server.post("/api/2.0/secrets/" + request.path, parameters, token: token)
                let comment = Comment(rawValue: "\(parameters) as \(token.prefix(8)): \(answer)")
                if hasWrongToken {
                    #expect(answer.outcome == "401 UNAUTHENTICATED", comment)
                } else if isMalformed {
                    #expect(answer.outcome == "400 MALFORMED_REQUEST", comment)
                } else if lacksScope {
                    #expect(answer.outcome == "404 RESOURCE_DOES_NOT_EXIST", comment)
                    #expect(answer.message?.contains("scope-that-is-missing") == true, comment)
                } else if lacksPermission {
                    #expect(answer.outcome == "403 PERMISSION_DENIED", comment)
                } else {
                    #expect(answer.outcome == request.target, comment)
                    #expect(answer.message?.contains("target-that-is-missing") == true, comment)
                }
            }
            #expect(try await server.ask("list?scope=payments").list("secrets").count == 1)
            #expect(try await server.ask("acls/list?scope=payments").list("items").count == 1)
        }
    }

    /// Names that look like one that is there, as clients send them.
    @Test(arguments: [
        #"p\u0430yments"#, "рayments", "ｐayments", #"pay\u200bments"#, #"payments\u0301"#, #"payments\u0000"#,
        #"payments\n"#,
        " payments", "payments ", #"\ufeffpayments"#, #"\u202epayments"#,
    ])
    func aLookAlikeIsRefused(name: String) async throws {
        try await TestServer.run { server in
            try await server.makeScope("payments")
            try await server.put("tok_live_1", scope: "payments", key: "payments")
            try await server.fixture.makeUsers("payments")
            let bodies = [
                ("scopes/create", #"{"scope":"NAME"}"#), ("scopes/delete", #"{"scope":"NAME"}"#),
                ("put", #"{"scope":"NAME","key":"payments","string_value":"v"}"#),
                ("put", #"{"scope":"payments","key":"NAME","string_value":"v"}"#),
                ("delete", #"{"scope":"payments","key":"NAME"}"#),
                ("acls/put", #"{"scope":"payments","principal":"NAME","permission":"READ"}"#),
            ]
            for (path, body) in bodies {
                let answer = try await server.post("/api/2.0/secrets/" + path, body.replacing("NAME", with: name))
                #expect(answer.outcome == "400 INVALID_PARAMETER_VALUE", "\(path)")
                #expect(answer.body.utf8.allSatisfy { $0 < 0x80 }, "\(path)")
            }
            let text = try #require(try JSONSerialization.jsonObject(with: Data("[\"\(name)\"]".utf8)) as? [String])[0]
            let escaped = try #require(text.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            for query in [
                "get?scope=\(escaped)&key=payments", "get?scope=payments&key=\(escaped)", "list?scope=\(escaped)",
            ] {
                #expect(try await server.ask(query).outcome == "400 INVALID_PARAMETER_VALUE", "\(query)")
            }
            #expect(try await server.ask("scopes/list").list("scopes").count == 1)
            #expect(try await server.ask("list?scope=payments").list("secrets").count == 1)
            #expect(try await server.ask("acls/list?scope=payments").list("items").count == 1)
        }
    }
}
