import Foundation
import SecretScopes
import Testing
import WorkspaceFixtures

/// The rows of the checklist that are about putting, listing, reading and deleting secrets, over HTTP.
@Suite struct SecretWireTests {
    /// Runs `body` beside a server that has the scope `payments`.
    private func run(_ body: @Sendable (TestServer) async throws -> Void) async throws {
        try await TestServer.run { server in
            try await server.makeScope("payments")
            try await body(server)
        }
    }

    @Test("Row 19: every write is answered by {}")
    func writesAreAnswered() async throws {
        try await TestServer.run { server in
            _ = try await server.user("ana@example.com")
            let grant = ["scope": "s", "principal": "ana@example.com", "permission": "READ"] as KeyValuePairs
            let writes: [(path: String, fields: KeyValuePairs<String, String>)] = [
                ("scopes/create", ["scope": "s"]), ("put", ["scope": "s", "key": "k", "string_value": "v"]),
                ("put", ["scope": "s", "key": "k", "bytes_value": "dg=="]), ("acls/put", grant),
                ("acls/delete", ["scope": "s", "principal": "ana@example.com"]),
                ("delete", ["scope": "s", "key": "k"]), ("scopes/delete", ["scope": "s"]),
            ]
            for write in writes {
                let answer = try await server.call(write.path, write.fields)
                #expect(answer.status == 200 && answer.body == "{}", "\(write.path): \(answer)")
                #expect(answer.headers["content-type"] == "application/json", "\(write.path)")
            }
        }
    }

    @Test("Row 20: a text comes back as the base64 of its UTF-8")
    func text() async throws {
        try await run { server in
            let body = #"{"scope":"payments","key":"k","string_value":"p\u00e4ssw\u00f6rd \ud83d\ude00é"}"#
            #expect(try await server.post("/api/2.0/secrets/put", body).isDone)
            let answer = try await server.ask("get?scope=payments&key=k")
            #expect(answer.outcome == "200" && answer.headers["cache-control"] == "no-store")
            #expect(answer.body == #"{"key":"k","value":"\#(Data("pässwörd 😀é".utf8).base64EncodedString())"}"#)
        }
    }

    @Test("Row 21: a text's line ends are kept byte for byte")
    func textWithLineEnds() async throws {
        try await run { server in
            try await server.put("test-value\nwith-newlines\n", scope: "payments", key: "k")
            let answer = try await server.ask("get?scope=payments&key=k")
            #expect(answer.body == #"{"key":"k","value":"dGVzdC12YWx1ZQp3aXRoLW5ld2xpbmVzCg=="}"#)
            try await server.put(" \r\n\t\0\"\\ ", scope: "payments", key: "k")
            #expect(try await server.ask("get?scope=payments&key=k").value == Data(" \r\n\t\0\"\\ ".utf8))
        }
    }

    @Test("Row 22: bytes come back as the same base64", arguments: ["", "AA==", "AAE=", "AP8B", "++//"])
    func bytes(encoded: String) async throws {
        try await run { server in
            let answer = try await server.call("put", ["scope": "payments", "key": "k", "bytes_value": encoded])
            #expect(answer.isDone)
            let read = try await server.ask("get?scope=payments&key=k")
            #expect(read.body == #"{"key":"k","value":"\#(encoded)"}"#)
        }
    }

    @Test("Row 23: bytes that are not base64 are refused, and not quoted", arguments: ["zq", "z q=", "??zz", "_-8="])
    func badBase64(encoded: String) async throws {
        try await run { server in
            let answer = try await server.call("put", ["scope": "payments", "key": "k", "bytes_value": encoded])
            #expect(answer.outcome == "400 INVALID_PARAMETER_VALUE")
            #expect(!answer.body.contains(encoded))
        }
    }

    @Test("Row 24: both kinds of value at once are refused")
    func both() async throws {
        try await run { server in
            let answer = try await server.call(
                "put", ["scope": "payments", "key": "k", "string_value": "v", "bytes_value": "dg=="])
            #expect(answer.outcome == "400 MALFORMED_REQUEST")
        }
    }

    @Test("Row 25: no value at all is refused", arguments: ["", #","string_value":null"#, #","bytes_value":null"#])
    func neither(member: String) async throws {
        try await run { server in
            let answer = try await server.post(
                "/api/2.0/secrets/put", #"{"scope":"payments","key":"k"\#(member)}"#)
            #expect(answer.outcome == "400 INVALID_PARAMETER_VALUE")
        }
    }

    @Test("Row 26: an empty text is stored")
    func emptyText() async throws {
        try await run { server in
            try await server.put("", scope: "payments", key: "k")
            #expect(try await server.ask("get?scope=payments&key=k").body == #"{"key":"k","value":""}"#)
        }
    }

    @Test("Row 27: a second put replaces the value and has a later time")
    func overwritten() async throws {
        try await run { server in
            func time() async throws -> Int64? {
                let secrets = try await server.ask("list?scope=payments").list("secrets")
                #expect(secrets.map { $0["key"] as? String } == ["Api-Key"])
                return secrets.first?["last_updated_timestamp"] as? Int64
            }
            try await server.put("tok_live_1", scope: "payments", key: "Api-Key")
            let first = try #require(try await time())
            try await server.put("tok_live_2", scope: "payments", key: "api-key")
            #expect(try #require(try await time()) > first)
            let read = try await server.ask("get?scope=payments&key=api-key")
            #expect(read.member("key") == "Api-Key" && read.value == Data("tok_live_2".utf8))
        }
    }

    @Test("Row 28: a put into a scope that is not there is refused")
    func missingScope() async throws {
        try await run { server in
            let answer = try await server.call("put", ["scope": "nope", "key": "k", "string_value": "v"])
            #expect(answer.outcome == "404 RESOURCE_DOES_NOT_EXIST")
            #expect(answer.message == "Scope nope does not exist!")
        }
    }

    /// Ways to write a value: how the longest is written, and one that is a byte too long.
    struct Writing: CustomTestStringConvertible {
        let testDescription: String
        let largest: String
        let tooLarge: String
    }

    @Test(
        "Row 29: a value has at most 131,072 bytes, however it is written",
        arguments: [
            Writing(
                testDescription: "text",
                largest: #""string_value":"\#(String(repeating: "x", count: 131_072))""#,
                tooLarge: #""string_value":"\#(String(repeating: "x", count: 131_073))""#),
            Writing(
                testDescription: "text in six-byte escapes",
                largest: #""string_value":"\#(String(repeating: #"\u0001"#, count: 131_072))""#,
                tooLarge: #""string_value":"\#(String(repeating: #"\u0001"#, count: 131_073))""#),
            Writing(
                testDescription: "base64",
                largest: #""bytes_value":"\#(Data(repeating: 7, count: 131_072).base64EncodedString())""#,
                tooLarge: #""bytes_value":"\#(Data(repeating: 7, count: 131_073).base64EncodedString())""#),
            Writing(
                testDescription: "a body of 2 MB",
                largest: #""string_value":"v""#,
                tooLarge: #""string_value":"\#(String(repeating: "x", count: 2_000_000))""#),
        ]
    )
    func largestValue(writing: Writing) async throws {
        try await run { server in
            func put(_ value: String) async throws -> RawHTTP.Answer {
                try await server.post("/api/2.0/secrets/put", #"{"scope":"payments","key":"k",\#(value)}"#)
            }
            #expect(try await put(writing.largest).isDone)
            let value = try await server.ask("get?scope=payments&key=k").value
            #expect(value?.count == (writing.largest.count > 100 ? 131_072 : 1))
            #expect(try await put(writing.tooLarge).outcome == "400 INVALID_PARAMETER_VALUE")
            #expect(try await server.events(.putSecret).last?.statusCode == 400)
            #expect(try await server.ask("get?scope=payments&key=k").value == value)
        }
    }

    @Test("Row 30: a scope has at most 1,000 secrets")
    func mostSecrets() async throws {
        try await run { server in
            try await server.fill()
            let answer = try await server.call("put", ["scope": "payments", "key": "new", "string_value": "v"])
            #expect(answer.outcome == "400 RESOURCE_LIMIT_EXCEEDED")
            #expect(try await server.ask("list?scope=payments").list("secrets").count == 1000)
        }
    }

    @Test("Row 32: at the limit a value can still be replaced")
    func overwrittenAtTheLimit() async throws {
        try await run { server in
            try await server.fill()
            try await server.put("tok_live_2", scope: "payments", key: "KEY-500")
            #expect(try await server.ask("get?scope=payments&key=key-500").value == Data("tok_live_2".utf8))
            #expect(try await server.ask("list?scope=payments").list("secrets").count == 1000)
        }
    }

    @Test("Row 33: a secret is found whatever the case of its name")
    func keyCase() async throws {
        try await run { server in
            try await server.put("tok_live_1", scope: "payments", key: "Api-Key")
            for key in ["api-key", "API-KEY"] {
                let answer = try await server.ask("get?scope=PAYMENTS&key=\(key)")
                #expect(answer.member("key") == "Api-Key" && answer.value == Data("tok_live_1".utf8))
            }
        }
    }

    @Test("Row 34: a time is a JSON number of milliseconds")
    func time() async throws {
        try await run { server in
            let before = Int64(Date().timeIntervalSince1970 * 1000)
            try await server.put("tok_live_1", scope: "payments", key: "api-key")
            let body = try await server.ask("list?scope=payments").body
            let form = /\{"secrets":\[\{"key":"api-key","last_updated_timestamp":(\d+)\}\]\}/
            let time = try #require(try form.wholeMatch(in: body)?.1)
            #expect(try #require(Int64(time)) >= before)
        }
    }

    @Test("Row 35: a list shows names and times alone")
    func listed() async throws {
        try await run { server in
            for key in ["zebra", "Alpha"] { try await server.put("tok_live_1", scope: "payments", key: key) }
            let answer = try await server.ask("list?scope=payments")
            let secrets = answer.list("secrets")
            #expect(secrets.map { $0["key"] as? String } == ["Alpha", "zebra"])
            #expect(secrets.allSatisfy { Set($0.keys) == ["key", "last_updated_timestamp"] })
            #expect(!answer.body.contains("tok_live") && !answer.body.contains("dG9rX2xpdmVf"))
        }
    }

    @Test("Row 36: listing a scope that is not there is refused")
    func listOfMissingScope() async throws {
        try await run { server in
            let answer = try await server.ask("list?scope=nope")
            #expect(answer.outcome == "404 RESOURCE_DOES_NOT_EXIST")
            #expect(answer.message == "Scope nope does not exist!")
        }
    }

    @Test("Row 37: reading a secret that is not there is refused in the known words")
    func missingKey() async throws {
        try await run { server in
            let answer = try await server.ask("get?scope=payments&key=nope")
            #expect(answer.outcome == "404 RESOURCE_DOES_NOT_EXIST")
            #expect(answer.message == "Secret does not exist with scope: payments and key: nope")
        }
    }

    @Test("Row 38: reading from a scope that is not there is refused in the same words")
    func keyOfMissingScope() async throws {
        try await run { server in
            let answer = try await server.ask("get?scope=nope&key=nope")
            #expect(answer.outcome == "404 RESOURCE_DOES_NOT_EXIST")
            #expect(answer.message == "Secret does not exist with scope: nope and key: nope")
        }
    }

    @Test("Row 39: the bearer of a personal access token reads, from anywhere")
    func personalAccessToken() async throws {
        try await run { server in
            let ana = try await server.user("ana@example.com")
            try await server.put("tok_live_1", scope: "payments", key: "api-key")
            try await server.allow("ana@example.com", "READ", on: "payments")
            let answer = try await server.ask("get?scope=payments&key=api-key", token: ana)
            #expect(answer.outcome == "200" && answer.value == Data("tok_live_1".utf8))
        }
    }

    @Test("Row 40: a deleted secret is gone")
    func deleted() async throws {
        try await run { server in
            for key in ["api-key", "other"] { try await server.put("tok_live_1", scope: "payments", key: key) }
            #expect(try await server.call("delete", ["scope": "payments", "key": "API-KEY"]).isDone)
            let listed = try await server.ask("list?scope=payments").list("secrets").map { $0["key"] as? String }
            #expect(listed == ["other"])
            #expect(
                try await server.ask("get?scope=payments&key=api-key").outcome == "404 RESOURCE_DOES_NOT_EXIST")
        }
    }

    @Test("Row 41: deleting a secret that is not there is refused")
    func deletedTwice() async throws {
        try await run { server in
            let answer = try await server.call("delete", ["scope": "payments", "key": "nope"])
            #expect(answer.outcome == "404 RESOURCE_DOES_NOT_EXIST")
        }
    }

    @Test(
        "Row 42: parameters of a GET stand in any order, escaped or not",
        arguments: [
            "scope=a/b&key=c/d@e", "key=c/d@e&scope=a/b", "key=c%2fd%40e&scope=a%2Fb", "scope=%61%2f%62&key=c/d%40e",
            "unknown=1&key=c/d@e&scope=a/b", "&scope=a/b&&key=c/d@e&",
        ]
    )
    func parameters(query: String) async throws {
        try await TestServer.run { server in
            try await server.makeScope("a/b")
            try await server.put("tok_live_1", scope: "a/b", key: "c/d@e")
            let answer = try await server.ask("get?" + query)
            #expect(answer.body == #"{"key":"c/d@e","value":"dG9rX2xpdmVfMQ=="}"#)
        }
    }
}

extension TestServer {
    /// Puts as many secrets into `payments` as it takes.
    fileprivate func fill() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...1000 {
                group.addTask { try await fixture.put("v", scope: "payments", key: "key-\(number)") }
            }
            try await group.waitForAll()
        }
    }
}
