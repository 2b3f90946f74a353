import ArgumentParser
import Foundation
import Testing

@testable import hush

/// What the commands under `hush secrets` print, held against the outputs of the Databricks command line.
@Suite struct SecretsOutputTests {
    static let commands = SecretsCommand.configuration.subcommands.map { "secrets/\($0._commandName)" }

    @Test("Row 100: each command prints what its golden file says", arguments: commands)
    func goldenFile(name: String) throws {
        try Transcript(name: name).check(in: .withPayments())
    }

    @Test("Row 100: each command's golden file shows both forms of output", arguments: commands)
    func bothForms(name: String) throws {
        let words = "hush " + name.replacing("/", with: " ")
        let commands = try Transcript(name: name).commands.filter { $0.contains(words) }
        let forms = commands.map { $0.contains(/(-o|--output) json/) }
        #expect(Set(forms) == [true, false], "\(words)")
    }

    @Test func listedTimeIsNow() throws {
        let home = try Home.withPayments()
        let document = try home.succeed("secrets", "list-secrets", "payments", "-o", "json")
        let list = try #require(try JSONSerialization.jsonObject(with: Data(document.utf8)) as? [[String: Any]])
        let time = try #require(list.first?["last_updated_timestamp"] as? Int)
        #expect(abs(Double(time) / 1000 - Date().timeIntervalSince1970) < 600)
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
