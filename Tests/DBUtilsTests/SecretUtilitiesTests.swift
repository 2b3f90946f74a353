import Testing

@testable import DBUtils

@Suite struct SecretUtilitiesTests {
    private func secrets(_ server: StandInServer) -> SecretUtilities {
        SecretUtilities { server.variable($0) }
    }

    @Test func valueComesAsTextOrBytes() throws {
        let server = StandInServer(
            .json(#"{"key":"api-key","value":"dG9rX2xpdmUg8J+UkQ=="}"#),
            .json(#"{"key":"api-key","value":"AP+A"}"#),
            .json(#"{"key":"empty","value":""}"#)
        )
        let secrets = secrets(server)
        #expect(try secrets.get(scope: "payments", key: "api-key") == "tok_live 🔑")
        #expect(try secrets.getBytes(scope: "payments", key: "api-key") == [0x00, 0xFF, 0x80])
        #expect(try secrets.get(scope: "payments", key: "empty").isEmpty)
    }

    @Test func requestNamesTheSecretAndBearsTheToken() throws {
        let server = StandInServer(.json(#"{"value":"eA=="}"#))
        #expect(try secrets(server).get(scope: "pay & co/ü", key: "a=b+c@d") == "x")
        let lines = server.requests[0].components("\r\n")
        #expect(lines[0] == "GET /api/2.0/secrets/get?scope=pay%20%26%20co%2F%C3%BC&key=a%3Db%2Bc%40d HTTP/1.1")
        #expect(lines.contains("Host: 127.0.0.1:\(server.port)"))
        #expect(lines.contains("Authorization: Bearer run-token-0123"))
    }

    @Test func valueThatIsNotTextSaysWhatToUse() throws {
        let server = StandInServer(.json(#"{"value":"/w=="}"#))
        let error = #expect(throws: DBUtilsError.self) { try secrets(server).get(scope: "payments", key: "pin") }
        #expect(
            error?.description == "INVALID_UTF8: the secret with scope: payments and key: pin is not UTF-8 text. "
                + "Read it with dbutils.secrets.getBytes(scope:key:)."
        )
    }

    @Test func namesAreListed() throws {
        let server = StandInServer(
            .json(#"{"secrets":[{"key":"a","last_updated_timestamp":1},{"key":"b\u00fc"}]}"#),
            .json(#"{"scopes":[{"name":"payments","backend_type":"DATABRICKS"}]}"#),
            .json("{}")
        )
        let secrets = secrets(server)
        #expect(
            try secrets.list(scope: "payments").description == "[SecretMetadata(key='a'), SecretMetadata(key='bü')]")
        let scopes = try secrets.listScopes()
        #expect(scopes.description == "[SecretScope(name='payments')]")
        #expect(scopes.first?.getName() == "payments")
        #expect(try secrets.list(scope: "empty").isEmpty)
        let paths = server.requests.map { $0.components(" ")[1] }
        #expect(paths[0...1] == ["/api/2.0/secrets/list?scope=payments", "/api/2.0/secrets/scopes/list"])
    }

    @Test func errorsHaveTheWordsThatNotebooksKnow() throws {
        let denied =
            #"{"error_code":"PERMISSION_DENIED","message":"User ana does not have READ permission on scope s to perform this action."}"#
        let server = StandInServer(
            .json(#"{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"gone"}"#, status: "404 Not Found"),
            .json(denied, status: "403 Forbidden"),
            .json(
                #"{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"Scope s does not exist!"}"#,
                status: "404 Not Found")
        )
        let secrets = secrets(server)
        let missing = try #require(throws: DBUtilsError.self) { try secrets.get(scope: "X", key: "Y") }
        #expect(missing.errorCode == "RESOURCE_DOES_NOT_EXIST")
        #expect("\(missing)" == "IllegalArgumentException: Secret does not exist with scope: X and key: Y")
        #expect(String(reflecting: missing) == "\(missing)")
        let refused = #expect(throws: DBUtilsError.self) { try secrets.getBytes(scope: "s", key: "Y") }
        #expect(
            refused?.description
                == "PERMISSION_DENIED: User ana does not have READ permission on scope s to perform this action."
        )
        let scope = #expect(throws: DBUtilsError.self) { try secrets.list(scope: "s") }
        #expect(scope?.description == "RESOURCE_DOES_NOT_EXIST: Scope s does not exist!")
    }

    @Test(arguments: [
        [:], ["DATABRICKS_HOST": "http://127.0.0.1:1"], ["DATABRICKS_TOKEN": "t"],
        ["DATABRICKS_HOST": "https://dbc.example.com", "DATABRICKS_TOKEN": "t"],
        ["DATABRICKS_HOST": "http://127.0.0.1:1", "DATABRICKS_TOKEN": "a\r\nX: y"],
    ])
    func outsideARunTheErrorSaysWhatToDo(variables: [String: String]) {
        let secrets = SecretUtilities { variables[$0] }
        let error = #expect(throws: DBUtilsError.self) { try secrets.get(scope: "s", key: "k") }
        #expect(
            error?.description == "NOT_IN_A_RUN: there is no run to ask. Run this notebook with `hush run`."
        )
    }

    @Test func connectionIsKeptForTheNextQuestion() throws {
        let server = StandInServer(
            .json(#"{"value":"YQ=="}"#), .json(#"{"value":"Yg=="}"#), .json(#"{"value":"Yw=="}"#))
        let secrets = secrets(server)
        #expect(try ["1", "2", "3"].map { try secrets.get(scope: "s", key: $0) } == ["a", "b", "c"])
        #expect(server.connectionCount == 1)
    }

    @Test func connectionThatTheBrokerClosedMeanwhileIsReplaced() throws {
        // The first answer promises to keep the connection, and does not.
        let first = StandInServer.Answer.json(#"{"value":"YQ=="}"#)
        let server = StandInServer(StandInServer.Answer(parts: first.parts, closes: true), .json(#"{"value":"Yg=="}"#))
        let secrets = secrets(server)
        #expect(try secrets.get(scope: "s", key: "1") == "a")
        #expect(try secrets.get(scope: "s", key: "2") == "b")
        #expect(server.connectionCount == 2)
    }

    @Test(arguments: [
        #"{"value":"not base64!"}"#, #"{"value":"YR=="}"#, #"{"value":1}"#, "{}", "[]", "", "{", #"{"value":"YQ=="} x"#,
    ])
    func answerThatIsNoAnswerIsNamedAndNotShown(body: String) throws {
        let server = StandInServer(.json(body))
        let error = #expect(throws: DBUtilsError.self) { try secrets(server).get(scope: "s", key: "k") }
        #expect(error?.errorCode == "MALFORMED_RESPONSE")
        #expect(error?.message.contains("base64!") == false)
    }
}

extension String {
    /// The parts between each `separator`.
    func components(_ separator: String) -> [String] {
        var parts: [String] = [""]
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(separator) {
                parts.append("")
                rest = rest.dropFirst(separator.count)
            } else {
                parts[parts.count - 1].append(rest.removeFirst())
            }
        }
        return parts
    }
}
