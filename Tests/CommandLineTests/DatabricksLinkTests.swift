import Foundation
import Testing

/// Scopes of another Hush server, which speaks as Databricks workspaces do.
@Suite(.timeLimit(.minutes(5))) struct DatabricksLinkTests {
    private func home() throws -> Home {
        let home = try Home()
        try Data("links:\n  hosts: [127.0.0.1, workspace.example.com]\n".utf8)
            .write(to: URL(fileURLWithPath: home.path + "/config.yaml"))
        try home.succeed("secrets", "create-scope", "ops")
        return home
    }

    private func link(
        _ home: Home, _ scope: String, to remote: String, at url: String, credential: String, _ options: String...
    ) throws {
        let given = (["endpoint=\(url)", "timeout=60s"] + options).flatMap { ["--option", $0] }
        let outcome = try home.process(
            [
                "scopes", "link", scope, "databricks://workspace.example.com/\(remote)", "--credential",
                "{{secrets/ops/\(credential)}}",
            ] + given
        ).run(.text(""))
        try #require(outcome.status == 0, "\(outcome)")
    }

    @Test func aScopeOfAnotherServerIsReadListedAndWritten() throws {
        let remote = try RemoteHome(.withPayments())
        let home = try home()
        try home.succeed("secrets", "put-secret", "ops", "token", input: .text(remote.token))
        try link(home, "theirs", to: "payments", at: remote.server.url, credential: "token")
        #expect(try home.succeed("secrets", "get-secret", "theirs", "API-key", "--raw") == "tok_live_5f2a")
        #expect(try home.succeed("secrets", "list-secrets", "theirs").contains("api-key"))
        #expect(try home.hush("secrets", "get-secret", "theirs", "nothing").errors.contains("Secret does not exist"))
        #expect(try home.hush("secrets", "put-secret", "theirs", "new", input: .text("x")).status == 1)
        try link(home, "writable", to: "payments", at: remote.server.url, credential: "token", "writable=true")
        try home.succeed("secrets", "put-secret", "writable", "new", input: .text("v\u{0}\n\"é"))
        #expect(try remote.home.succeed("secrets", "get-secret", "payments", "new", "--raw") == "v\u{0}\n\"é")
        try home.succeed("secrets", "delete-secret", "writable", "new")
        #expect(try remote.home.hush("secrets", "get-secret", "payments", "new").status == 1)
        // The other server's record knows who read.
        #expect(try remote.home.succeed("audit", "who-read", "payments", "api-key").contains(Home.administrator))
    }

    @Test func aRunRedactsAsFarAsTheOtherServerAsksFor() throws {
        let remote = try RemoteHome(.withPayments())
        let home = try home()
        try home.succeed("secrets", "put-secret", "ops", "token", input: .text(remote.token))
        try link(home, "theirs", to: "payments", at: remote.server.url, credential: "token")
        let run = home.process([
            "exec", "--redact", "literal", "--env", "KEY={{secrets/theirs/api-key}}", "--", "sh", "-c",
            #"printf %s "$KEY" | rev"#,
        ])
        #expect(try run.run(.text("")).output == "a2f5_evil_kot")
        try remote.home.succeed("scopes", "set-redaction", "payments", "strict")
        #expect(try run.run(.text("")).output == "[REDACTED]")
    }

    @Test func aScopeThatTheOtherServerOnlyReadsIsNotWritten() throws {
        let remote = try RemoteHome(.withPayments())
        let folder = try TestFolder()
        let mounted = try folder.write("mounted-value", to: "mounted/key")
        let directory = URL(fileURLWithPath: mounted).deletingLastPathComponent().resolvingSymlinksInPath().path
        try Data("links:\n  directories: [\(directory)]\n".utf8)
            .write(to: URL(fileURLWithPath: remote.home.path + "/config.yaml"))
        try remote.home.succeed("scopes", "link", "mounted", "file://\(directory)")
        let server = try ServerProcess(remote.home)
        let home = try home()
        try home.succeed("secrets", "put-secret", "ops", "token", input: .text(remote.token))
        try link(home, "theirs", to: "mounted", at: server.url, credential: "token", "writable=true")
        #expect(try home.succeed("secrets", "get-secret", "theirs", "key", "--raw") == "mounted-value")
        let outcome = try home.hush("secrets", "put-secret", "theirs", "key", input: .text("x"))
        #expect(outcome.status == 1 && outcome.errors.contains("lets nothing be written (BAD_REQUEST"), "\(outcome)")
    }

    @Test func aServicePrincipalsClientSecretIsACredential() throws {
        let remote = try RemoteHome(.withPayments())
        let id = try remote.home.succeed("service-principals", "create", "robot").split(separator: " ")
            .map { String($0).trimmingCharacters(in: .punctuationCharacters.union(.newlines)) }
            .first { $0.count == 36 && $0.contains("-") }
        let application = try #require(id)
        try remote.home.succeed("secrets", "put-acl", "payments", application, "READ")
        let secret = try remote.home.process(["service-principals", "create-secret", application]).run().output
            .trimmingCharacters(in: .newlines)
        let home = try home()
        try home.succeed("secrets", "put-secret", "ops", "client", input: .text(secret))
        try link(
            home, "theirs", to: "payments", at: remote.server.url, credential: "client", "auth=oauth",
            "client-id=\(application)")
        #expect(try home.succeed("secrets", "get-secret", "theirs", "api-key", "--raw") == "tok_live_5f2a")
    }

    @Test func refusalsAreTold() throws {
        let remote = try RemoteHome(.withPayments())
        try remote.home.succeed("users", "create", "bob@example.com")
        let home = try home()
        try home.succeed(
            "secrets", "put-secret", "ops", "token",
            input: .text(RemoteHome.token(in: remote.home, for: "bob@example.com")))
        try home.succeed(
            "secrets", "put-secret", "ops", "wrong", input: .text("dapi" + String(repeating: "0", count: 64)))
        try link(home, "denied", to: "payments", at: remote.server.url, credential: "token")
        try link(home, "rejected", to: "payments", at: remote.server.url, credential: "wrong")
        try link(home, "absent", to: "payments", at: "http://127.0.0.1:1", credential: "token")
        for (scope, words) in [
            ("denied", "does not let the link's credential read"), ("rejected", "rejected the scope credentials"),
            ("absent", "cannot be reached"),
        ] {
            let outcome = try home.hush("secrets", "get-secret", scope, "api-key")
            #expect(outcome.status == 1 && outcome.errors.contains(words), "\(scope): \(outcome)")
        }
    }

    /// A links to B, and B links to A.
    @Test func linksInACircleAreFound() throws {
        let first = try home()
        let second = try home()
        let firstServer = try ServerProcess(first)
        let secondServer = try ServerProcess(second)
        try first.succeed("secrets", "put-secret", "ops", "token", input: .text(RemoteHome.token(in: second)))
        try second.succeed("secrets", "put-secret", "ops", "token", input: .text(RemoteHome.token(in: first)))
        try link(first, "round", to: "round", at: secondServer.url, credential: "token")
        try link(second, "round", to: "round", at: firstServer.url, credential: "token")
        let outcome = try first.hush("secrets", "get-secret", "round", "key")
        #expect(outcome.status == 1, "\(outcome)")
        #expect(try first.succeed("audit", "events", "--scope", "round", "-o", "json").contains("in a circle"))
    }
}
