import Foundation
import GRDB
import Glibc
import Testing

@Suite struct AuditCommandsTests {
    /// Times are not known in advance; everything else is.
    private func withoutTimes(_ text: String) -> String {
        text.replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/, with: "TIME")
    }

    @Test func whoReadCountsReadsAndRefusals() throws {
        let home = try Home.withPayments()
        try home.succeed("users", "create", "bob@example.com")
        for _ in 1...2 { try home.succeed("secrets", "get-secret", "payments", "api-key", "--as", "ana@example.com") }
        #expect(try home.hush("secrets", "get-secret", "payments", "api-key", "--as", "bob@example.com").status == 1)
        #expect(
            withoutTimes(try home.succeed("audit", "who-read", "payments", "api-key")) == """
                Principal        Reads  Refusals  First                     Last                      Through
                ana@example.com  2      0         TIME  TIME  CLI
                bob@example.com  0      1         TIME  TIME  CLI

                """)
        #expect(
            withoutTimes(try home.succeed("audit", "who-read", "payments")).split(separator: "\n").dropFirst().map {
                String($0)
            } == [
                "api-key  ana@example.com  2      0         TIME  TIME  CLI",
                "api-key  bob@example.com  0      1         TIME  TIME  CLI",
            ])
        #expect(
            withoutTimes(try home.succeed("audit", "reads", "ana@example.com")) == """
                Scope     Key      Reads  Refusals  First                     Last                      Through
                payments  api-key  2      0         TIME  TIME  CLI

                """)
        let document = try home.succeed("audit", "reads", "bob@example.com", "-o", "json")
        let summaries = try JSONSerialization.jsonObject(with: Data(document.utf8)) as? [[String: Any]]
        let summary = try #require(summaries?.first)
        #expect(summary["scope"] as? String == "payments" && summary["key"] as? String == "api-key")
        #expect(summary["reads"] as? Int == 0 && summary["refusals"] as? Int == 1)
        #expect(summary["surface"] as? String == "CLI" && summary["notebook"] is NSNull)
    }

    @Test func eventsAreFiltered() throws {
        let home = try Home.withPayments()
        try home.succeed("users", "create", "bob@example.com")
        try home.succeed("secrets", "get-secret", "payments", "api-key", "--as", "ana@example.com")
        #expect(try home.hush("secrets", "get-secret", "payments", "api-key", "--as", "bob@example.com").status == 1)
        let refused = "TIME  getSecret  bob@example.com  payments  api-key  403     CLI"
        let read = "TIME  getSecret  ana@example.com  payments  api-key  200     CLI"
        for (arguments, rows) in [
            (["--status", "403"], [refused]),
            (["--action", "getsecret"], [read, refused]),
            (["--action", "getSecret", "--limit", "1"], [refused]),
            (["--principal", "ana@example.com"], [read]),
            (["--scope", "payments", "--key", "api-key", "--action", "getSecret", "--since", "1h"], [read, refused]),
            (["--action", "getSecret", "--until", "1h"], []),
            (["--action", "getSecret", "--since", "2999-01-01"], []),
            (["--scope", "nope", "--action", "getSecret"], []),
        ] {
            let outcome = try home.process(["audit", "events"] + arguments).run()
            #expect(outcome.status == 0 && outcome.errors.isEmpty)
            let lines = withoutTimes(outcome.output).split(separator: "\n").map(String.init)
            #expect(lines.first?.hasPrefix("Time ") == true && Array(lines.dropFirst()) == rows, "\(arguments)")
        }
    }

    @Test("Row 97: a read is a line of a Databricks audit log, with scope, key and status 200")
    func jsonEventIsALineOfADatabricksAuditLog() throws {
        let home = try Home.withPayments()
        try home.succeed("secrets", "get-secret", "payments", "api-key", "--as", "ana@example.com")
        let line = try home.succeed("audit", "events", "-o", "json", "--action", "getSecret")
        let event = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let time = try #require(event["timestamp"] as? Int)
        let workspace = try #require(event["workspaceId"] as? String)
        let sequence = try #require(event["sequence"] as? Int)
        #expect(
            line == """
                {"version":"2.0","timestamp":\(time),"workspaceId":"\(workspace)","sourceIPAddress":null,\
                "userAgent":"hush/0.1.0","sessionId":null,\
                "userIdentity":{"email":"ana@example.com","subjectName":null},"serviceName":"secrets",\
                "actionName":"getSecret","requestId":null,\
                "requestParams":{"scope":"payments","key":"api-key","version":"1"},\
                "response":{"statusCode":200,"errorMessage":null,"result":null},"auditLevel":"WORKSPACE_LEVEL",\
                "identityMetadata":{"runBy":"\(NSUserName())","runAs":"ana@example.com"},\
                "channel":{"surface":"CLI","notebook":null,"cell":null},\
                "eventId":"\(workspace)-\(sequence)","sequence":\(sequence)}

                """)
    }

    /// The newest line about an action, as an object.
    private func line(about action: String, in home: Home) throws -> [String: Any] {
        let lines = try home.succeed("audit", "events", "-o", "json", "--limit", "1", "--action", action)
        return try #require(try JSONSerialization.jsonObject(with: Data(lines.utf8)) as? [String: Any])
    }

    @Test(
        "Row 98: a refused read is a line with the status and the message",
        arguments: [
            (
                ["payments", "api-key", "--as", "bob@example.com"], 403,
                "User bob@example.com does not have READ permission on scope payments to perform this action."
            ),
            (["payments", "nope"], 404, "Secret does not exist with scope: payments and key: nope"),
            (["nope", "api-key"], 404, "Secret does not exist with scope: nope and key: api-key"),
        ]
    )
    func refusedReadIsALine(arguments: [String], status: Int, message: String) throws {
        let home = try Home.withPayments()
        try home.succeed("users", "create", "bob@example.com")
        #expect(try home.process(["secrets", "get-secret"] + arguments).run().status == 1)
        let line = try line(about: "getSecret", in: home)
        #expect(line["serviceName"] as? String == "secrets" && line["actionName"] as? String == "getSecret")
        #expect(line["requestParams"] as? [String: String] == ["scope": arguments[0], "key": arguments[1]])
        let response = try #require(line["response"] as? [String: Any])
        #expect(response["statusCode"] as? Int == status && response["errorMessage"] as? String == message)
        #expect(response["result"] is NSNull)
        let acting = arguments.count > 2 ? "bob@example.com" : Home.administrator
        #expect((line["userIdentity"] as? [String: Any])?["email"] as? String == acting)
    }

    @Test("Row 99: a put is a line with scope and key, and its value is in no event and in no file")
    func putIsALineWithoutItsValue() throws {
        let home = try Home.withPayments()
        let value = "tok_live_7b3d9a"
        try home.succeed("secrets", "put-secret", "payments", "new", "--string-value", value)
        let line = try line(about: "putSecret", in: home)
        #expect(line["serviceName"] as? String == "secrets")
        #expect(line["requestParams"] as? [String: String] == ["scope": "payments", "key": "new", "version": "1"])
        #expect((line["response"] as? [String: Any])?["statusCode"] as? Int == 200)
        #expect(
            try home.hush(
                "secrets", "put-secret", "payments", "new", "--string-value", value, "--as", "ana@example.com"
            )
            .status == 1)
        #expect(try home.hush("secrets", "put-secret", "payments", value + "!", "--string-value", "a").status == 1)
        #expect(try home.hush("secrets", "put-secret", "payments", "new", "--bytes-value", value).status == 0)
        let traces = [value, Data(value.utf8).base64EncodedString()]
        let record = try home.succeed("audit", "events", "-o", "json") + home.succeed("audit", "events")
        #expect(!traces.contains { record.contains($0) })
        for name in try FileManager.default.contentsOfDirectory(atPath: home.path) {
            let contents = FileManager.default.contents(atPath: home.path + "/" + name) ?? Data()
            #expect(!traces.contains { contents.firstRange(of: Data($0.utf8)) != nil }, "\(name)")
        }
    }

    @Test func followShowsEventsAsTheyCome() throws {
        let home = try Home.withPayments()
        let following = try RunningProcess(
            home.process(["audit", "events", "--follow", "--action", "getSecret", "-o", "json"]))
        try home.succeed("secrets", "get-secret", "payments", "api-key", "--as", "ana@example.com")
        #expect(following.read { $0.contains("\n") })
        #expect(following.output.contains("\"email\":\"ana@example.com\""))
        #expect(following.end(by: SIGTERM) == 128 + SIGTERM)
    }

    @Test func intactRecordIsVerified() throws {
        let home = try Home.withPayments()
        let text = try home.succeed("audit", "verify")
        #expect(
            text.wholeMatch(of: /Checked \d+ events and \d+ rows: intact\.\nThe record ends with [0-9a-f]{64}\.\n/)
                != nil)
        let document = try home.succeed("audit", "verify", "-o", "json")
        let result = try #require(try JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: Any])
        #expect(result["intact"] as? Bool == true && (result["problems"] as? [Any])?.isEmpty == true)
    }

    @Test func progressIsShownOnATerminalAlone() throws {
        let home = try Home.withPayments()
        let terminal = try PseudoTerminal(home.process(["audit", "verify"]))
        #expect(terminal.finish() == 0)
        #expect(terminal.screen.contains(/\rChecked \d+ of \d+ events/) && terminal.screen.contains("intact."))
        #expect(try home.hush("audit", "verify").errors.isEmpty)
    }

    /// Only the file is altered; the program is not asked.
    @Test func alteredStoreIsNamedAndExitsWithOne() throws {
        let home = try Home.withPayments()
        try DatabaseQueue(path: home.path + "/hush.db").write {
            try $0.execute(sql: "UPDATE scope SET name = 'Payments'")
        }
        let outcome = try home.hush("audit", "verify")
        #expect(outcome.status == 1)
        #expect(outcome.errors.hasPrefix("Error: The workspace was altered: "))
        #expect(outcome.output.contains("scope") && outcome.output.contains("wrong."))
        let document = try home.hush("audit", "verify", "-o", "json")
        #expect(document.status == 1 && document.output.contains(#""intact": false"#))
    }

    @Test func checkpointIsVerifiedAgainst() throws {
        let home = try Home.withPayments()
        let file = home.folder.path("checkpoint")
        #expect(try home.succeed("audit", "checkpoint", "--out", file) == "")
        let text = String(decoding: try home.folder.bytes(of: "checkpoint"), as: UTF8.self)
        #expect(text.hasPrefix("hush audit checkpoint v1\nworkspace: "))
        try home.succeed("secrets", "list-scopes")
        #expect(try home.succeed("audit", "verify", "--against", file).contains("intact."))
        // Never over an existing file.
        let again = try home.hush("audit", "checkpoint", "--out", file)
        #expect(
            again
                == Outcome(
                    1, errors: "Error: The checkpoint file \(file) cannot be made (File exists). Choose another name.\n"
                ))
        #expect(String(decoding: try home.folder.bytes(of: "checkpoint"), as: UTF8.self) == text)
        // Somebody else's, an altered one, and something else.
        let other = try Home()
        let foreign = other.folder.path("checkpoint")
        try other.succeed("audit", "checkpoint", "--out", foreign)
        #expect(try home.hush("audit", "verify", "--against", foreign).status == 1)
        let altered = try home.folder.write(text.replacing("events: ", with: "events: 1"), to: "altered")
        #expect(
            try home.hush("audit", "verify", "--against", altered).errors
                == "Error: The checkpoint file \(altered) was altered: its signature is wrong. Use another copy.\n")
        let note = try home.folder.write("milk, eggs\n", to: "note")
        #expect(
            try home.hush("audit", "verify", "--against", note).errors == """
                Error: The checkpoint file \(note) is not a checkpoint. Name a file that `hush audit checkpoint` wrote.

                """)
    }

    @Test(arguments: [
        (["--action", "getSecrt"], #"There is no action "getSecrt". Did you mean "getSecret"?"#),
        (["--action", "frobnicate"], #"There is no action "frobnicate". One is getSecret, for example."#),
        (
            ["--since", "yesterday"],
            #"--since does not understand "yesterday". Use 2026-08-22, 2026-08-22T10:30:00Z, or an age such as 7d."#
        ),
        (["--limit", "0"], "--limit must be a positive number, not 0."),
    ])
    func wrongConditionIsUsage(arguments: [String], message: String) throws {
        let home = try Home(isInitialized: false)
        let outcome = try home.process(["audit", "events"] + arguments).run()
        #expect(outcome == Outcome(64, errors: "Error: \(message)\n"))
    }

    @Test func questionsAreRecordedToo() throws {
        let home = try Home.withPayments()
        try home.succeed("audit", "who-read", "payments")
        let rows = withoutTimes(try home.succeed("audit", "events", "--action", "queryReaders"))
        #expect(rows.hasSuffix("TIME  queryReaders  root@example.com  payments       200     CLI\n"))
    }
}
