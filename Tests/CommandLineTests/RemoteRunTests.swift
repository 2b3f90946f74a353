import Foundation
import Testing

/// Runs that read from a server.
@Suite(.timeLimit(.minutes(10))) struct RemoteRunTests {
    private func remote() throws -> (remote: RemoteHome, ana: String) {
        let remote = try RemoteHome(.withPayments())
        return (remote, try RemoteHome.token(in: remote.home, for: "ana@example.com"))
    }

    @Test func valuesAndTheTokenAreRedacted() throws {
        let (remote, ana) = try remote()
        var process = remote.process(
            [
                "exec", "--env", "API_KEY={{secrets/payments/api-key}}", "--", "sh", "-c",
                "echo $API_KEY $MINE ${DATABRICKS_TOKEN:0:4} $HUSH_TOKEN; echo $DATABRICKS_TOKEN >&2",
            ], token: ana)
        process.environment["MINE"] = ana
        process.arguments[4] = "bash"
        let outcome = try process.run()
        #expect(outcome == Outcome(0, output: "[REDACTED] [REDACTED] dapi\n", errors: "[REDACTED]\n"))
        let line = try remote.home.succeed("audit", "events", "--action", "getSecret", "-o", "json")
        #expect(line.contains(#""email":"ana@example.com""#) && line.contains(#""surface":"REST""#))
        #expect(line.contains(/"sessionId":"[0-9a-f]{32}"/))
    }

    @Test func runsOfAServerAreAsNarrowAsOthers() throws {
        let (remote, _) = try remote()
        func exec(_ flags: [String], _ script: String) throws -> Outcome {
            var process = remote.process(["exec"] + flags + ["--", "sh", "-c", script])
            process.environment["HUSH"] = HushProcess.executable
            return try process.run()
        }
        let put = #"printf x | "$HUSH" secrets put-secret payments new"#
        let refused = try exec([], put)
        #expect(
            refused.status == 1
                && refused.errors
                    == "Error: The token of root@example.com does not allow putSecret. Use a token that does.\n"
        )
        #expect(try exec(["--allow-write"], put).status == 0)
        for call in ["create-scope other", "list-acls payments", "delete-scope payments"] {
            let outcome = try exec(["--allow-write"], #""$HUSH" secrets "# + call)
            #expect(outcome.status == 1 && outcome.errors.contains("does not allow"), "\(outcome)")
        }
        #expect(try remote.home.succeed("secrets", "list-secrets", "payments").contains("new"))
    }

    @Test func administratorRunsAsSomebodyElse() throws {
        let (remote, ana) = try remote()
        let outcome = try remote.hush(
            "exec", "--as", "ana@example.com", "--env", "K={{secrets/payments/api-key}}", "--", "sh", "-c", "echo $K")
        #expect(outcome == Outcome(0, output: "[REDACTED]\n"))
        let line = try remote.home.succeed("audit", "events", "--action", "getSecret", "-o", "json")
        #expect(line.contains(#""identityMetadata":{"runBy":"root@example.com","runAs":"ana@example.com"}"#))
        let other = try remote.process(["exec", "--as", Home.administrator, "--", "true"], token: ana).run()
        #expect(other.status == 1 && other.errors.contains("is not an administrator"), "\(other)")
    }

    @Test func referenceThatIsDeniedFailsTheStart() throws {
        let (remote, _) = try remote()
        try remote.home.succeed("users", "create", "bob@example.com")
        let bob = try RemoteHome.token(in: remote.home, for: "bob@example.com")
        let outcome = try remote.process(
            ["exec", "--env", "K={{secrets/payments/api-key}}", "--", "true"], token: bob
        ).run()
        #expect(outcome.status == 1 && outcome.errors.contains("K"), "\(outcome)")
        #expect(outcome.errors.contains("does not have READ permission on scope payments"), "\(outcome)")
    }

    @Test func notebookIsRedactedAndItsCellIsRecordedAsClaimed() throws {
        let (remote, ana) = try remote()
        let path = try remote.away.folder.write(
            """
            // Databricks notebook source
            import DBUtils
            print("first")

            // COMMAND ----------
            print(try dbutils.secrets.get(scope: "payments", key: "api-key"))
            """, to: "notebook.swift")
        let outcome = try remote.process(["run", path], token: ana).run()
        #expect(outcome.status == 0 && outcome.output.contains("[REDACTED]"), "\(outcome)")
        #expect(!outcome.output.contains("tok_live"))
        let rows = try remote.home.succeed("audit", "who-read", "payments", "api-key").split(separator: "\n")
        #expect(rows.contains { $0.hasSuffix("REST \(path), cell 2") }, "\(rows)")
    }

    @Test func filterTakesTheValuesFromAServer() throws {
        let (remote, ana) = try remote()
        let process = remote.process(["redact"], token: ana)
        #expect(try process.run(.text("a tok_live_5f2a b")) == Outcome(0, output: "a [REDACTED] b"))
        let line = try remote.home.succeed("audit", "events", "--action", "getSecret", "-o", "json")
        #expect(line.contains(#""reason":"redact""#))
    }
}
