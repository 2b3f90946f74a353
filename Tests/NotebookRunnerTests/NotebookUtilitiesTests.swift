import Runs
import Testing

@testable import NotebookRunner

@Suite struct NotebookUtilitiesTests {
    @Test func exitEndsTheRunSuccessfully() async throws {
        let observed = try await Laboratory().run(
            "print(\"one\")", "print(\"two\", terminator: \"\")\ndbutils.notebook.exit(\"42 rows\")\nprint(\"never\")",
            "print(\"three\")"
        )
        #expect(observed.report.outcome == .exited("42 rows"))
        #expect(observed.report.exitCode == 0)
        #expect(observed.output(2) == "two")
        #expect(observed.begun == [1, 2])
        #expect(observed.report.cells.map(\.state) == [.completed, .completed, .notRun])
    }

    @Test func exitWorksInAFunctionAndOnAnotherThread() async throws {
        let observed = try await Laboratory().run(
            "import Foundation\nfunc finish() { dbutils.notebook.exit(\"from a thread\") }",
            "let thread = Thread { finish() }\nthread.start()\nwhile true { try await Task.sleep(nanoseconds: 1_000_000) }"
        )
        #expect(observed.report.outcome == .exited("from a thread"))
    }

    @Test func widgetsAreTheParametersOfTheRun() async throws {
        var laboratory = try await Laboratory()
        laboratory.parameters = [
            "day": "2026-03-01", "empty": "", "text": "ü\n\"{}\0", "long": String(repeating: "x", count: 300_000),
        ]
        let observed = try await laboratory.run(
            """
            print(try dbutils.widgets.get("day"), try dbutils.widgets.get("empty").isEmpty)
            print(try dbutils.widgets.get("text") == "ü\\n\\"{}\\0", try dbutils.widgets.get("long").count)
            print((try? dbutils.widgets.get("country")) ?? "none")
            """,
            "try dbutils.widgets.get(\"country\")"
        )
        #expect(observed.output(1) == "2026-03-01 true\ntrue 300000\nnone\n")
        #expect(
            observed.failure?.message == "UNKNOWN_WIDGET: no widget is named country; the run has day, empty, long, "
                + "text. Pass it with --param country=VALUE."
        )
    }

    @Test func displayShowsTablesAndText() async throws {
        let observed = try await Laboratory().run(
            """
            struct Order { var id: Int; var customer: String?; var total: Double }
            print("before", terminator: "")
            display([Order(id: 1, customer: "A & <B>", total: 2.5), Order(id: 20, customer: nil, total: 10)])
            print("after")
            display("text")
            display([["a", "b\\nc"]], columns: ["x"])
            """
        )
        let outputs = observed.report.cells[0].outputs
        #expect(outputs.count == 5)
        #expect(outputs[0] == .stream(.standardOutput, Array("before".utf8)))
        #expect(outputs[2] == .stream(.standardOutput, Array("after\n".utf8)))
        #expect(
            observed.displayed(1) == [
                """
                +----+----------+-------+
                | id | customer | total |
                +----+----------+-------+
                |  1 | A & <B>  |   2.5 |
                | 20 | null     |  10.0 |
                +----+----------+-------+
                """,
                "text",
                """
                +---+-----+
                | x | _2  |
                +---+-----+
                | a | b c |
                +---+-----+
                """,
            ]
        )
        guard case .displayed(let table) = outputs[1] else { throw Missing() }
        #expect(
            table.html == "<table><thead><tr><th>id</th><th>customer</th><th>total</th></tr></thead>\n<tbody>"
                + "<tr><td>1</td><td>A &amp; &lt;B&gt;</td><td>2.5</td></tr>\n"
                + "<tr><td>20</td><td>null</td><td>10.0</td></tr></tbody></table>"
        )
    }

    struct Missing: Error {}

    @Test func secretsAreReadAsTheRunAndTheCellIsKnown() async throws {
        let laboratory = try await Laboratory(secrets: ["payments/api-key": "tok_live_9f3a", "payments/blob": "binary"])
        let observed = try await laboratory.run(
            "let key = try dbutils.secrets.get(scope: \"payments\", key: \"api-key\")\nprint(key.count)",
            "print(1)",
            "import DBUtils\nprint(try dbutils.secrets.getBytes(scope: \"payments\", key: \"blob\").count)\nawait Task.yield()",
            "_ = try? dbutils.secrets.get(scope: \"payments\", key: \"none\")"
        )
        #expect(observed.report.outcome == .succeeded)
        #expect(observed.output(1) == "13\n")
        #expect(observed.output(3) == "6\n")
        #expect(laboratory.broker.cellsOfRequests == [1, 3, 4])
        #expect(laboratory.currentCell.number == nil)
    }

    @Test func cellsOfTextAreCountedAndPassed() async throws {
        let text = """
            // Databricks notebook source
            // MAGIC %md
            // MAGIC # Title

            // COMMAND ----------

            print("two")

            // COMMAND ----------

            // MAGIC %md between

            // COMMAND ----------

            throw CancellationError()
            """
        let observed = try await Laboratory().run(Notebook(name: "text.swift", bytes: Array(text.utf8)))
        #expect(observed.begun == [1, 2, 3, 4])
        #expect(observed.failure?.cell == 4)
    }

    @Test func ofAnEndlessOutputTheBeginningIsKept() async throws {
        let laboratory = try await Laboratory()
        let observed = try await laboratory.run(
            "let line = String(repeating: \"x\", count: 1023)\nfor _ in 0..<40_000 { print(line) }", "print(\"two\")"
        )
        #expect(observed.output(1).utf8.count == 32 * 1024 * 1024)
        #expect(observed.report.cells[0].isTruncated)
        let told = observed.events.reduce(0) { count, event in
            guard case .output(1, _, let bytes) = event else { return count }
            return count + bytes.count
        }
        #expect(told == 40_000 * 1024)
        #expect(observed.output(2) == "two\n")
        #expect(!observed.report.cells[1].isTruncated)
        let saved = String(decoding: try observed.report.jupyterFile(redactor: laboratory.redactor), as: UTF8.self)
        #expect(saved.contains("The cell wrote more, which was not saved."))
    }

    @Test func programRunsInItsFolderWithNothingToRead() async throws {
        var laboratory = try await Laboratory()
        laboratory.directory = "/usr"
        let observed = try await laboratory.run(
            "import Foundation\nprint(FileManager.default.currentDirectoryPath, readLine() ?? \"nothing\")"
        )
        #expect(observed.output(1) == "/usr nothing\n")
    }
}
