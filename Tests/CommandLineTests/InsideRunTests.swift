import Foundation
import Runs
import SecretMemory
import SecretScopes
import Testing
import Workspace

/// The program as a child of a run: it asks the run's broker and nothing else.
@Suite struct InsideRunTests {
    private struct Answers: Sendable {
        var read: Outcome
        var list: Outcome
        var put: Outcome
        var asOther: Outcome
        var status: Outcome
        var access: Outcome
        var initialize: Outcome
        var withoutServer: Outcome
    }

    /// Calls the program inside a run of ana@example.com, in an environment that knows nothing of the workspace.
    private func answers(for home: Home) async throws -> Answers {
        let pool = SecretPool()
        let workspace = try await Workspace.open(
            home.path, keyProvider: KeyFileProvider(path: home.path + "/root.key", pool: pool), pool: pool)
        let starter = RunStarter(
            services: try workspace.services(
                as: "ana@example.com", runBy: "tester", origin: RequestOrigin(surface: .commandLine)),
            gateway: workspace.gateway(accepting: [.runToken]),
            workspace: workspace.id,
            pool: pool
        )
        let elsewhere = home.folder.path("elsewhere")
        return try await starter.run(RunOptions(surface: .command)) { run in
            let token = run.token.withBytes { $0.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
            let environment = [
                "HUSH_HOME": elsewhere, "HUSH_RUN": run.id, "DATABRICKS_HOST": run.host, "DATABRICKS_TOKEN": token,
            ]
            func hush(_ arguments: String...) throws -> Outcome {
                try home.process(arguments, environment).run(.text("tok_live_9c1e"))
            }
            return Answers(
                read: try hush("secrets", "get-secret", "payments", "api-key", "--raw"),
                list: try hush("secrets", "list-secrets", "payments", "-o", "json"),
                put: try hush("secrets", "put-secret", "payments", "api-key"),
                asOther: try hush("secrets", "list-scopes", "--as", "root@example.com"),
                status: try hush("status"),
                access: try hush("access", "payments"),
                initialize: try hush("init"),
                withoutServer: try home.process(
                    ["secrets", "list-scopes"], ["HUSH_RUN": run.id, "DATABRICKS_HOST": run.host]
                ).run()
            )
        }
    }

    @Test func onlyTheBrokerIsAsked() async throws {
        let home = try Home.withPayments()
        let answers = try await answers(for: home)
        #expect(answers.read == Outcome(0, output: "tok_live_5f2a"))
        #expect(answers.list.status == 0 && answers.list.output.contains(#""key": "api-key""#))
        #expect(answers.put.status == 1 && answers.put.errors.hasPrefix("Error: ") && answers.put.output.isEmpty)
        #expect(
            answers.asOther
                == Outcome(1, errors: "Error: A run has one principal. Leave out --as inside a run.\n"))
        let refusal = Outcome(
            1,
            errors: """
                Error: This command works on the whole workspace, which a run cannot reach. Call it outside the run.

                """)
        #expect(answers.status == refusal && answers.access == refusal && answers.initialize == refusal)
        #expect(
            answers.withoutServer
                == Outcome(
                    1,
                    errors: """
                        Error: This run's server is not known. Keep DATABRICKS_HOST and DATABRICKS_TOKEN set.

                        """))
        #expect(!FileManager.default.fileExists(atPath: home.folder.path("elsewhere")))
        #expect(try home.succeed("secrets", "get-secret", "payments", "api-key", "--raw") == "tok_live_5f2a")
        let summary = try home.succeed("audit", "who-read", "payments", "api-key").split(separator: "\n")
        #expect(summary.contains { $0.wholeMatch(of: /ana@example\.com +1 +0 .* command/) != nil }, "\(summary)")
    }
}
