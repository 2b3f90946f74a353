import Testing

@testable import DBUtils

/// What a notebook is told when the run refuses, fails or says nothing sensible.
@Suite struct SecretErrorTests {
    /// What each call of `dbutils.secrets` asks.
    enum Call: Sendable, CaseIterable {
        case get, getBytes, list, listScopes

        func perform(_ secrets: SecretUtilities) throws {
            switch self {
            case .get: _ = try secrets.get(scope: "payments", key: "api-key")
            case .getBytes: _ = try secrets.getBytes(scope: "payments", key: "api-key")
            case .list: _ = try secrets.list(scope: "payments")
            case .listScopes: _ = try secrets.listScopes()
            }
        }
    }

    private func error(_ call: Call, _ answer: StandInServer.Answer) throws -> DBUtilsError {
        let server = StandInServer(answer)
        return try #require(throws: DBUtilsError.self) {
            try call.perform(SecretUtilities { server.variable($0) })
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var status: String
        var code: String
        var message: String
        var testDescription: String { code }
    }

    static let refusals = [
        Refusal(
            status: "403 Forbidden",
            code: "PERMISSION_DENIED",
            message: "User ana@example.com does not have READ permission on scope payments to perform this action."
        ),
        Refusal(status: "401 Unauthorized", code: "UNAUTHENTICATED", message: "The credential is not valid."),
        Refusal(status: "400 Bad Request", code: "INVALID_PARAMETER_VALUE", message: "Invalid scope \"pay\\ments\"."),
        Refusal(status: "429 Too Many Requests", code: "REQUEST_LIMIT_EXCEEDED", message: "Too many requests."),
        Refusal(status: "503 Service Unavailable", code: "TEMPORARILY_UNAVAILABLE", message: "Try again."),
    ]

    @Test(arguments: Call.allCases, refusals)
    func refusalKeepsItsCodeAndItsWords(call: Call, refusal: Refusal) throws {
        let message = refusal.message.components("\\").joined(separator: #"\\"#).components("\"").joined(
            separator: #"\""#)
        let body = #"{"error_code":"\#(refusal.code)","message":"\#(message)","details":[]}"#
        let error = try error(call, .json(body, status: refusal.status))
        #expect(error.errorCode == refusal.code)
        #expect(error.message == refusal.message)
        #expect("\(error)" == "\(refusal.code): \(refusal.message)")
    }

    /// Databricks says the same for a scope and for a key that is missing.
    @Test(arguments: ["Scope payments does not exist!", "Secret api-key does not exist in scope payments."])
    func missingSecretHasTheWordsOfDatabricks(message: String) throws {
        let body = #"{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"\#(message)"}"#
        for call in [Call.get, .getBytes] {
            let error = try error(call, .json(body, status: "404 Not Found"))
            #expect(error.errorCode == "RESOURCE_DOES_NOT_EXIST")
            #expect(error.message == "Secret does not exist with scope: payments and key: api-key")
            let description = "IllegalArgumentException: Secret does not exist with scope: payments and key: api-key"
            #expect(String(describing: error) == description)
            #expect(String(reflecting: error) == description)
        }
        let error = try error(.list, .json(body, status: "404 Not Found"))
        #expect("\(error)" == "RESOURCE_DOES_NOT_EXIST: \(message)")
    }

    @Test(arguments: Call.allCases)
    func refusalWithoutAMessageNamesItsStatus(call: Call) throws {
        let error = try error(call, .json(#"{"error_code":"INTERNAL_ERROR"}"#, status: "500 Oh"))
        #expect("\(error)" == "INTERNAL_ERROR: status 500")
    }

    @Test(arguments: Call.allCases)
    func refusalWithoutACodeIsMalformed(call: Call) throws {
        for body in ["{}", "[]", #"{"error_code":7}"#, #"{"error_code":null,"message":"x"}"#] {
            let error = try error(call, .json(body, status: "502 Bad Gateway"))
            #expect(
                "\(error)" == "MALFORMED_RESPONSE: the run's answer cannot be read: status 502 without an error code."
            )
        }
    }

    @Test(arguments: Call.allCases)
    func answerThatIsNotJSONIsMalformed(call: Call) throws {
        let error = try error(call, .json("<html>tok_live</html>", status: "502 Bad Gateway"))
        #expect(
            "\(error)"
                == "MALFORMED_RESPONSE: the run's answer cannot be read: status 502, byte 0: a value was expected."
        )
    }

    @Test(arguments: [
        #"{"secrets":{}}"#, #"{"secrets":"k"}"#, #"{"secrets":null}"#, #"{"secrets":[{}]}"#,
        #"{"secrets":[{"key":1}]}"#,
        #"{"secrets":["k"]}"#, #"{"secrets":[{"name":"k"}]}"#, "[]",
    ])
    func listThatIsNoneIsMalformed(body: String) throws {
        #expect(try error(.list, .json(body)).errorCode == "MALFORMED_RESPONSE")
        let scopes = body.components("secrets").joined(separator: "scopes")
        let swapped = scopes.components("name").joined(separator: "key")
        #expect(try error(.listScopes, .json(swapped)).errorCode == "MALFORMED_RESPONSE")
    }

    /// Neither what the run answered nor the token that it was asked with shows in an error, however it is printed.
    @Test(arguments: [
        #"{"value":"c2VjcmV0LXZhbHVl"}trailing"#, #"{"value":"c2VjcmV0LXZhbHVl""#, #"{"value":"c2VjcmV0LXZhbHVl!"}"#,
        #"{"value":["c2VjcmV0LXZhbHVl"]}"#, #"{"values":"c2VjcmV0LXZhbHVl"}"#, #"{"value":"/3NlY3JldC12YWx1ZQ=="}"#,
    ])
    func errorShowsNoValueAndNoToken(body: String) throws {
        let error = try error(.get, .json(body))
        var dumped = ""
        dump(error, to: &dumped)
        for text in [error.message, "\(error)", String(reflecting: error), dumped] {
            for secret in ["c2VjcmV0", "secret-value", "NlY3JldC", "run-token"] {
                #expect(!text.contains(secret))
            }
        }
    }

    @Test(arguments: Call.allCases)
    func brokerThatIsGoneIsNamed(call: Call) throws {
        let server = StandInServer()
        server.stop()
        let error = try #require(throws: DBUtilsError.self) {
            try call.perform(SecretUtilities { server.variable($0) })
        }
        #expect("\(error)" == "TEMPORARILY_UNAVAILABLE: the run does not answer: connect: Connection refused.")
    }

    @Test(arguments: Call.allCases)
    func outsideARunEveryCallSaysWhatToDo(call: Call) throws {
        let error = try #require(throws: DBUtilsError.self) { try call.perform(SecretUtilities { _ in nil }) }
        #expect("\(error)" == "NOT_IN_A_RUN: there is no run to ask. Run this notebook with `hush run`.")
    }

    /// A host elsewhere would be sent the token.
    @Test func hostElsewhereIsNotAsked() throws {
        let server = StandInServer(.value("a".utf8))
        for host in ["http://127.0.0.1.example.com:\(server.port)", "http://0.0.0.0:\(server.port)", "http://[::1]"] {
            let secrets = SecretUtilities { ["DATABRICKS_HOST": host, "DATABRICKS_TOKEN": "t"][$0] }
            let error = #expect(throws: DBUtilsError.self) { try secrets.get(scope: "s", key: "k") }
            #expect(error?.errorCode == "NOT_IN_A_RUN")
        }
        #expect(server.connectionCount == 0)
    }
}
