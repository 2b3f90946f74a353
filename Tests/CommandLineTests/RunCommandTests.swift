import Foundation
import Glibc
import Testing

/// `hush run` as a process. What happens to cells inside is tested with the runner.
@Suite struct RunCommandTests {
    private func notebook(_ cells: String..., in home: Home) throws -> String {
        try home.folder.write(
            "// Databricks notebook source\nimport DBUtils\n" + cells.joined(separator: "\n\n// COMMAND ----------\n"),
            to: "notebook.swift")
    }

    @Test func outputIsShownCellByCellAndRedacted() throws {
        let home = try Home.withPayments()
        let path = try notebook(
            "let key = try dbutils.secrets.get(scope: \"payments\", key: \"api-key\")",
            "print(\"the key is\", key, try dbutils.widgets.get(\"day\"))", in: home)
        let saved = home.folder.path("out.ipynb")
        let outcome = try home.hush(
            "run", path, "--as", "ana@example.com", "--param", "day=2026-11-02", "--save", saved)
        #expect(
            outcome
                == Outcome(
                    0, output: "── cell 1\n── cell 2\nthe key is [REDACTED] 2026-11-02\n"))
        let text = String(decoding: try home.folder.bytes(of: "out.ipynb"), as: UTF8.self)
        #expect(text.contains("the key is [REDACTED] 2026-11-02") && !text.contains("tok_live_5f2a"))
        let row = try home.succeed("audit", "who-read", "payments", "api-key")
            .split(separator: "\n").last { $0.hasPrefix("ana@example.com") }
        #expect(row?.hasSuffix("notebook \(path), cell 1") == true)
    }

    /// In namespaces of its own a program begins at their root, to which a relative folder would not belong.
    @Test func notebookCanBeNamedByARelativePath() throws {
        let home = try Home.withPayments()
        let path = try notebook("print(\"here\")", in: home)
        let folder = (path as NSString).deletingLastPathComponent
        let outcome = try home.process([]).runShell(
            "cd \(folder)/.. && $HUSH run \((folder as NSString).lastPathComponent)/\((path as NSString).lastPathComponent)"
        )
        #expect(outcome == Outcome(0, output: "── cell 1\nhere\n"))
    }

    @Test func explainTellsWhatWasRedactedWhere() throws {
        let home = try Home.withPayments()
        let path = try notebook(
            "let key = try dbutils.secrets.get(scope: \"payments\", key: \"api-key\")\nprint(1)",
            "print(key, key)\ndisplay(\"a \\(key)\")\ndisplay([[\"k\": key]])\ndbutils.notebook.exit(key)", in: home)
        let outcome = try home.hush("run", path, "--explain")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(
            outcome.errors == """
                Redacted payments/api-key (literal) 2 times in standard output, on line 2.
                Redacted payments/api-key (literal) 3 times in results, on line 1.

                """)
    }

    @Test func refusedReadFailsTheCellAndTheRun() throws {
        let home = try Home.withPayments()
        try home.succeed("users", "create", "bob@example.com")
        let path = try notebook(
            "_ = try dbutils.secrets.get(scope: \"payments\", key: \"api-key\")", "print(\"not reached\")", in: home)
        let outcome = try home.hush("run", path, "--as", "bob@example.com")
        #expect(outcome.status == 1 && !outcome.output.contains("not reached"))
        #expect(
            outcome.errors.contains(
                "User bob@example.com does not have READ permission on scope payments to perform this action."))
        #expect(
            outcome.errors.hasSuffix("Error: Cell 1 of notebook.swift failed. The cells behind it were not run.\n"))
    }

    @Test func runThatTakesTooLongExitsWith124() throws {
        let home = try Home.withPayments()
        let path = try notebook("while true {}", in: home)
        let outcome = try home.hush("run", path, "--timeout", "2")
        #expect(outcome.status == 124)
        #expect(outcome.errors.contains("Error: The time was up ") && outcome.errors.hasSuffix("Raise --timeout.\n"))
        #expect(try tokensAreRevoked(in: home))
    }

    /// As Control-C does it: the notebook's program ends, the token dies, and whoever waits sees the signal.
    @Test func interruptedRunCleansUpBeforeItEnds() throws {
        let home = try Home.withPayments()
        let path = try notebook(
            "import Glibc\nprint(\"pid\", getpid())\nfflush(stdout)\nwhile true { pause() }", in: home)
        let running = try RunningProcess(home.process(["run", path]))
        try #require(running.read { $0.contains(/pid \d+\n/) })
        let child = try #require(running.output.firstMatch(of: /pid (\d+)\n/).flatMap { pid_t($0.output.1) })
        #expect(running.end(by: SIGINT) == 128 + SIGINT)
        #expect(kill(child, 0) != 0 && errno == ESRCH)
        #expect(try tokensAreRevoked(in: home))
    }

    @Test func readerThatGoesAwayEndsTheRunAndItsToken() throws {
        let home = try Home.withPayments()
        let path = try notebook("while true { print(\"line\") }", in: home)
        let outcome = try home.process([]).runShell("\"$HUSH\" run '\(path)' | head -2; echo ${PIPESTATUS[0]}")
        #expect(outcome == Outcome(0, output: "── cell 1\nline\n141\n"))
        #expect(try tokensAreRevoked(in: home))
    }

    @Test(arguments: [
        (["--param", "day"], "--param wants NAME=VALUE. Write for example --param day=2026-11-02"),
        (["--param", "a=1", "--param", "a=2"], "--param names a twice. Leave out one."),
        (["--timeout", "0"], "--timeout wants a number of seconds greater than 0, such as --timeout 60"),
    ])
    func wrongUsageExitsWith64(arguments: [String], message: String) throws {
        let home = try Home(isInitialized: false)
        let outcome = try home.process(["run", "notebook.swift"] + arguments).run()
        #expect(outcome == Outcome(64, errors: "Error: \(message)\n"))
    }

    @Test func missingNotebookAndUnknownPrincipalAreNamed() throws {
        let home = try Home.withPayments()
        let missing = try home.hush("run", home.folder.path("missing.swift"))
        #expect(missing.status == 1 && missing.errors.hasPrefix("Error: "))
        #expect(missing.errors.contains("missing.swift") && missing.errors.split(separator: "\n").count == 1)
        let path = try notebook("print(1)", in: home)
        let unknown = try home.hush("run", path, "--as", "bob@example.com")
        #expect(
            unknown
                == Outcome(
                    1,
                    errors: "Error: There is no user or service principal bob@example.com. See `hush users list`.\n"))
    }

    /// Every token that was made for a run was revoked at its end.
    private func tokensAreRevoked(in home: Home) throws -> Bool {
        let rows = try home.succeed("audit", "events", "-o", "json").split(separator: "\n")
        let made = rows.filter { $0.contains(#""actionName":"createToken""#) }.count
        return made > 0 && rows.filter { $0.contains(#""actionName":"revokeToken""#) }.count == made
    }
}
