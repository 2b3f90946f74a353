import Glibc
import Runs
import Testing

@testable import NotebookRunner

@Suite struct CellFailureTests {
    @Test func uncaughtErrorIsTheCells() async throws {
        let observed = try await Laboratory().run(
            "struct Refused: Error, CustomStringConvertible { var reason: String; var description: String { \"refused: \\(reason)\" } }",
            "func pay() throws { throw Refused(reason: \"no funds\") }\nprint(\"paying\")",
            "print(\"before\", terminator: \"\")\ntry pay()\nprint(\"after\")",
            "print(\"next\")"
        )
        let failure = try #require(observed.failure)
        #expect(failure.cell == 3)
        #expect(failure.name == "Refused")
        #expect(failure.message == "refused: no funds")
        #expect(observed.output(3) == "before")
        #expect(observed.begun == [1, 2, 3])
        #expect(observed.report.exitCode == 1)
        #expect(observed.report.cells.map(\.state) == [.completed, .completed, .failed, .notRun])
        #expect(observed.errorOutput(3).isEmpty)
    }

    @Test func uncaughtErrorAfterAnAwaitIsTheCells() async throws {
        let observed = try await Laboratory().run(
            "enum Failure: Error { case late(Int) }\nawait Task.yield()", "throw Failure.late(4)", "print(\"next\")"
        )
        #expect(observed.failure?.cell == 2)
        #expect(observed.failure?.message == "late(4)")
        #expect(observed.begun == [1, 2])
    }

    @Test func deniedReadSaysWhatNotebooksKnow() async throws {
        let observed = try await Laboratory().run("try dbutils.secrets.get(scope: \"nope\", key: \"none\")")
        #expect(
            observed.failure?.description
                == "cell 1: DBUtilsError: IllegalArgumentException: Secret does not exist with "
                + "scope: nope and key: none"
        )
    }

    struct TrapCase: Sendable {
        var code: String
        var line: Int?
        var message: String
        var name = "Trap"
    }

    @Test(arguments: [
        TrapCase(code: "print(\"b\")\n\nprint(values[7])", line: 3, message: "Fatal error: Index out of range"),
        TrapCase(code: "let none: Int? = nil\nprint(none!)", line: 2, message: "Fatal error: Unexpectedly found nil"),
        TrapCase(code: "fatalError(\"that was it\")", line: 1, message: "Fatal error: that was it"),
        TrapCase(
            code: "// comment\nprecondition(values.isEmpty, \"not empty\")", line: 2,
            message: "Precondition failed: not empty"),
        TrapCase(
            code: "var small = Int8(values.count + 125)\nsmall += 1",
            line: 2,
            message: "the program trapped, as on an arithmetic overflow (SIG"
        ),
        TrapCase(
            code: "print(1)\nprint(deep(0))", line: 2, message: "the program used memory that it does not have",
            name: "SIGSEGV"),
        // The C library keeps no frame pointers behind which the line could be found.
        TrapCase(code: "\nabort()", line: nil, message: "the program aborted itself", name: "SIGABRT"),
        TrapCase(code: "await Task.yield()\nprint(values[9])", line: 2, message: "Fatal error: Index out of range"),
        TrapCase(code: "values.forEach { print(values[$0 + 9]) }", line: 1, message: "Fatal error: Index out of range"),
    ])
    func trapNamesItsCellAndLine(trap: TrapCase) async throws {
        let observed = try await Laboratory().run(
            "import Glibc\nlet values = [1, 2]\nfunc deep(_ n: Int) -> Int { n < 0 ? 0 : deep(n + 1) + values[n % 2] }",
            "print(\"second\")",
            trap.code,
            "print(\"next\")"
        )
        let failure = try #require(observed.failure)
        #expect(failure.cell == 3)
        #expect(failure.line == trap.line)
        #expect(failure.message.hasPrefix(trap.message))
        #expect(failure.name == trap.name)
        #expect(observed.begun == [1, 2, 3])
        #expect(observed.output(2) == "second\n")
    }

    @Test func trapInAFunctionOfAnotherCellNamesBoth() async throws {
        let observed = try await Laboratory().run(
            "// line 1\nfunc item(_ index: Int) -> Int {\n    [1, 2][index]\n}", "print(item(0))\n_ = item(5)"
        )
        let failure = try #require(observed.failure)
        #expect(failure.cell == 2)
        #expect(failure.line == 2)
        #expect(failure.message == "Fatal error: Index out of range (in cell 1, line 3)")
    }

    @Test(arguments: [0, 3])
    func programThatEndsItselfFailsTheCell(code: Int) async throws {
        let observed = try await Laboratory().run(
            "import Glibc\nprint(\"one\")", "print(\"two\")\nexit(\(code))", "print(\"three\")"
        )
        #expect(observed.failure?.cell == 2)
        #expect(observed.failure?.message.contains("exit code \(code)") == true)
        #expect(observed.failure?.message.contains("dbutils.notebook.exit") == true)
        #expect(observed.output(2) == "two\n")
        #expect(observed.begun == [1, 2])
    }

    @Test func failureBehindTheLastCellIsThatCells() async throws {
        let observed = try await Laboratory().run("import Glibc\nprint(\"one\")", "atexit { _exit(9) }")
        #expect(observed.failure?.cell == 2)
        #expect(observed.failure?.message.contains("exit code 9") == true)
    }

    @Test func whatTheNotebookStartedEndsWithIt() async throws {
        let observed = try await Laboratory().run(
            """
            import Foundation
            let sleeper = Process()
            sleeper.executableURL = URL(fileURLWithPath: "/usr/bin/setsid")
            sleeper.arguments = ["sleep", "1000"]
            try sleeper.run()
            print(sleeper.processIdentifier)
            """
        )
        let pid = try #require(pid_t(observed.output(1).dropLast()))
        #expect(kill(pid, 0) == -1 && errno == ESRCH)
    }

    @Test func cellThatOutlivesItsTimeIsEndedAndNamed() async throws {
        var laboratory = try await Laboratory()
        let cells = ["print(\"one\")", "print(\"two\")\nwhile true {}", "print(\"three\")"]
        // Compiled first, so that the time is the cell's.
        laboratory.timeout = .seconds(60)
        _ = try await laboratory.run("print(0)")
        laboratory.timeout = .seconds(20)
        let observed = try await laboratory.run(Laboratory.notebook(cells))
        #expect(observed.report.outcome == .timedOut(cell: 2))
        #expect(observed.report.exitCode == 124)
        #expect(observed.output(2) == "two\n")
        #expect(observed.begun == [1, 2])
        #expect(observed.report.cells.map(\.state) == [.completed, .failed, .notRun])
        let error = CellError(cell: 2, line: nil, name: "TimedOut", message: "the time of the run was up")
        #expect(observed.report.cells[1].outputs.last == .error(error))
    }

    @Test func compilationThatOutlivesItsTimeIsEnded() async throws {
        var laboratory = try await Laboratory()
        laboratory.timeout = .milliseconds(1)
        let observed = try await laboratory.run("print(\"never compiled\")")
        #expect(observed.report.outcome == .timedOut(cell: nil))
        #expect(observed.report.exitCode == 124)
        #expect(observed.begun.isEmpty)
    }

    @Test func cancellationEndsTheRun() async throws {
        let laboratory = try await Laboratory()
        let notebook = try Laboratory.notebook(["print(\"running\")\nwhile true {}"])
        let runner = try await laboratory.runner()
        let (output, continuation) = AsyncStream<Void>.makeStream()
        let task = Task {
            let run = NotebookRun(
                environment: .init(["PATH": "/usr/bin:/bin"]),
                redactor: laboratory.redactor,
                parameters: [:]
            )
            return try await runner.run(notebook, as: run) { event in
                if case .output = event { continuation.yield() }
            }
        }
        for await _ in output { break }
        task.cancel()
        let report = try await task.value
        #expect(report.outcome == .cancelled(cell: 1))
        #expect(report.exitCode == 130)
    }
}
