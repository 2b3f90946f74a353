import Foundation
import Testing

/// What the commands under `hush secrets` print, held against the outputs of the Databricks command line.
@Suite struct SecretsOutputTests {
    @Test func writesPrintNothing() throws {
        let home = try Home()
        let silent = Outcome(0)
        #expect(try home.hush("secrets", "create-scope", "payments") == silent)
        #expect(try home.hush("secrets", "put-secret", "payments", "a", "--string-value", "tok_live_5f2a") == silent)
        #expect(try home.hush("users", "create", "ana@example.com").status == 0)
        #expect(try home.hush("secrets", "put-acl", "payments", "ana@example.com", "WRITE") == silent)
        #expect(try home.hush("secrets", "delete-acl", "payments", "ana@example.com") == silent)
        #expect(try home.hush("secrets", "delete-secret", "payments", "a") == silent)
        #expect(try home.hush("secrets", "delete-scope", "payments") == silent)
    }

    @Test func listScopes() throws {
        let home = try Home()
        #expect(try home.succeed("secrets", "list-scopes") == "Scope  Backend Type\n")
        #expect(try home.succeed("secrets", "list-scopes", "-o", "json") == "[]\n")
        for scope in ["zebra", "Analytics", "payments/eu"] { try home.succeed("secrets", "create-scope", scope) }
        #expect(
            try home.succeed("secrets", "list-scopes") == """
                Scope        Backend Type
                Analytics    DATABRICKS
                payments/eu  DATABRICKS
                zebra        DATABRICKS

                """)
        #expect(
            try home.succeed("secrets", "list-scopes", "--output", "json", "--limit", "2") == """
                [
                  {
                    "backend_type": "DATABRICKS",
                    "name": "Analytics"
                  },
                  {
                    "backend_type": "DATABRICKS",
                    "name": "payments/eu"
                  }
                ]

                """)
    }

    @Test func listSecretsShowsMilliseconds() throws {
        let home = try Home.withPayments()
        let document = try home.succeed("secrets", "list-secrets", "payments", "-o", "json")
        let list = try #require(try JSONSerialization.jsonObject(with: Data(document.utf8)) as? [[String: Any]])
        let time = try #require(list.first?["last_updated_timestamp"] as? Int)
        #expect(abs(Double(time) / 1000 - Date().timeIntervalSince1970) < 600)
        #expect(
            document == """
                [
                  {
                    "key": "api-key",
                    "last_updated_timestamp": \(time)
                  }
                ]

                """)
        #expect(
            try home.succeed("secrets", "list-secrets", "payments") == """
                Key      Last Updated Timestamp
                api-key  \(time)

                """)
    }

    /// The same document in both forms of output.
    @Test(arguments: ["text", "json"])
    func getSecret(format: String) throws {
        let home = try Home.withPayments()
        #expect(
            try home.succeed("secrets", "get-secret", "payments", "API-KEY", "-o", format) == """
                {
                  "key": "api-key",
                  "value": "dG9rX2xpdmVfNWYyYQ=="
                }

                """)
    }

    @Test func rawValueIsPrintedAsItIs() throws {
        let home = try Home.withPayments()
        #expect(try home.succeed("secrets", "get-secret", "payments", "api-key", "--raw") == "tok_live_5f2a")
        let bytes = [UInt8](0...255)
        let file = home.folder.path("bytes")
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        try home.succeed("secrets", "put-secret", "payments", "all", input: .file(file))
        let output = home.folder.path("output")
        let process = try home.process(["secrets", "get-secret", "payments", "all", "--raw"])
            .start(output: output, errors: home.folder.path("errors"))
        #expect(HushProcess.wait(for: process) == 0)
        #expect(try home.folder.bytes(of: "output") == bytes)
    }

    @Test(arguments: ["text", "json"])
    func permissions(format: String) throws {
        let home = try Home.withPayments()
        #expect(
            try home.succeed("secrets", "get-acl", "payments", "analysts", "-o", format) == """
                {
                  "permission": "READ",
                  "principal": "analysts"
                }

                """)
        #expect(
            try home.succeed("secrets", "list-acls", "payments", "-o", format) == """
                [
                  {
                    "permission": "READ",
                    "principal": "analysts"
                  },
                  {
                    "permission": "MANAGE",
                    "principal": "root@example.com"
                  }
                ]

                """)
        try home.succeed("secrets", "delete-acl", "payments", "analysts")
        try home.succeed("secrets", "delete-acl", "payments", "root@example.com")
        #expect(try home.succeed("secrets", "list-acls", "payments", "-o", format) == "[]\n")
    }

    @Test func everyWriteTakesItsRequestAsJSON() throws {
        let home = try Home()
        try home.succeed("users", "create", "ana@example.com")
        try home.succeed(
            "secrets", "create-scope", "--json", #"{"scope": "payments", "initial_manage_principal": "users"}"#)
        let file = try home.folder.write(
            #"{"scope": "payments", "key": "a", "string_value": "tok\u005flive \"5f2a\"\n"}"#, to: "request.json")
        try home.succeed("secrets", "put-secret", "--json", "@" + file)
        #expect(try home.succeed("secrets", "get-secret", "payments", "a", "--raw") == "tok_live \"5f2a\"\n")
        try home.succeed(
            "secrets", "put-secret", "--json", #"{"scope": "payments", "key": "b", "bytes_value": "dG9rX2xpdmU="}"#)
        #expect(try home.succeed("secrets", "get-secret", "payments", "b", "--raw") == "tok_live")
        try home.succeed(
            "secrets", "put-acl", "--json",
            #"{"scope": "payments", "principal": "ana@example.com", "permission": "WRITE"}"#)
        #expect(try home.succeed("secrets", "list-acls", "payments").contains("ana@example.com"))
        try home.succeed("secrets", "delete-acl", "--json", #"{"scope": "payments", "principal": "ana@example.com"}"#)
        #expect(!(try home.succeed("secrets", "list-acls", "payments").contains("ana@example.com")))
        try home.succeed("secrets", "delete-secret", "--json", #"{"scope": "payments", "key": "a"}"#)
        #expect(try home.succeed("secrets", "list-secrets", "payments").split(separator: "\n").count == 2)
        try home.succeed("secrets", "delete-scope", "--json", #"{"scope": "payments"}"#)
        #expect(try home.succeed("secrets", "list-scopes", "-o", "json") == "[]\n")
    }

    @Test func managersCanBeGivenAtCreation() throws {
        let home = try Home()
        try home.succeed(
            "secrets", "create-scope", "shared", "--initial-manage-principal", "users", "--scope-backend-type",
            "DATABRICKS")
        #expect(
            try home.succeed("secrets", "list-acls", "shared") == """
                [
                  {
                    "permission": "MANAGE",
                    "principal": "users"
                  }
                ]

                """)
    }

    @Test func actingAsAnotherPrincipalIsRecordedWithBothNames() throws {
        let home = try Home.withPayments()
        #expect(
            try home.succeed("secrets", "get-secret", "payments", "api-key", "--raw", "--as", "ana@example.com")
                == "tok_live_5f2a")
        let line = try home.succeed("audit", "events", "-o", "json", "--action", "getSecret")
        let event = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let identity = try #require(event["identityMetadata"] as? [String: String])
        #expect(identity["runAs"] == "ana@example.com")
        #expect(identity["runBy"] == NSUserName())
    }
}
