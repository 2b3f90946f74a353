import Glibc
import Testing

@testable import DBUtils

extension BuiltLibraryTests {
    /// The conversation with the runner.
    @Suite struct Conversation {
        private let program: String

        init() throws {
            self.program = try #require(BuiltLibrary.current).program
        }

        private func texts(_ frame: ControlFrame, _ count: Int) -> [String?] {
            var payload = ControlPayload(frame.payload)
            return (0..<count).map { _ in payload.text() }
        }

        private func numbers(_ frame: ControlFrame, _ count: Int) -> [Int?] {
            var payload = ControlPayload(frame.payload)
            return (0..<count).map { _ in payload.number() }
        }

        @Test func everythingPrintedInACellComesBeforeItsEnd() throws {
            let run = try NotebookRun(of: program, "cells")
            #expect(run.messages.map(\.frame.kind) == [.started, .cellEnded, .cellEnded])
            #expect(numbers(run.messages[0].frame, 2) == [ControlFrame.version, nil])
            #expect(run.messages.dropFirst().map { numbers($0.frame, 2) } == [[1, nil], [2, nil]])
            #expect(run.messages.map(\.output) == ["", "one", "one"])
            #expect(run.messages.map(\.errorOutput) == ["", "", "warned"])
            #expect(run.output == "onethree\nend\n")
            #expect(run.ending == .exited(0))
        }

        @Test func cellsRunWithoutARunner() throws {
            let run = try NotebookRun(of: program, "cells", widgets: nil)
            #expect(run.messages.isEmpty)
            #expect(run.output == "onethree\nend\n")
            #expect(run.errorOutput == "warned")
        }

        @Test func outputIsBufferedByLines() throws {
            let run = try NotebookRun(of: program, "lines")
            #expect(run.output == "first\n")
        }

        @Test func widgetsComeFromTheRun() throws {
            let run = try NotebookRun(of: program, "widgets", widgets: ["day": "2026-01-01 ü", "mode": ""])
            #expect(run.output == "2026-01-01 ü\n")
            let failure = try #require(run.messages.last)
            #expect(failure.frame.kind == .failed)
            #expect(
                texts(failure.frame, 3) == [
                    "DBUtilsError",
                    "UNKNOWN_WIDGET: no widget is named weekday; the run has day, mode. "
                        + "Pass it with --param weekday=VALUE.",
                    nil,
                ]
            )
            #expect(run.ending == .exited(1))
        }

        @Test func valuesAndTablesAreShownByTheRunner() throws {
            let run = try NotebookRun(of: program, "display")
            let shown = run.messages.map(\.frame).dropFirst()
            #expect(shown.map(\.kind) == [.table, .table, .text, .text, .text])
            #expect(run.messages[1].output == "before")
            var orders = ControlPayload(shown[1].payload)
            #expect([orders.number(), orders.number()] == [0, 2])
            #expect([orders.text(), orders.text()] == ["id", "customer"])
            #expect(orders.number() == 2)
            #expect([orders.text(), orders.text(), orders.text(), orders.text()] == ["1", "Ana", "2", "null"])
            #expect(orders.number() == nil)
            var named = ControlPayload(shown[2].payload)
            #expect([named.number(), named.number()] == [0, 2])
            #expect([named.text(), named.text()] == ["a", "b"])
            // The result of fflush is a number, and is shown; that of () is nothing, and is not.
            #expect(shown[3...].map { texts($0, 2) } == [["text", nil], ["shown", nil], ["0", nil]])
            #expect(run.output == "beforeend\n")
        }

        @Test func valuesArePrintedWithoutARunner() throws {
            let run = try NotebookRun(of: program, "display", widgets: nil)
            #expect(run.output.hasPrefix("before[notebook.Order(id: 1, customer: Optional(\"Ana\"))"))
            #expect(run.output.hasSuffix("\n[[\"1\", \"2\"]]\ntext\nshown\n0\nend\n"))
        }

        @Test func exitEndsTheRunWithItsValue() throws {
            let run = try NotebookRun(of: program, "exit")
            let exit = try #require(run.messages.last)
            #expect(exit.frame.kind == .exited)
            #expect(texts(exit.frame, 2) == ["signed 12", nil])
            #expect(exit.output == "before")
            #expect(run.output == "before")
            #expect(run.ending == .exited(0))
        }

        @Test func exitWithoutARunnerPrintsItsValue() throws {
            let run = try NotebookRun(of: program, "exit", widgets: nil)
            #expect(run.output == "beforeNotebook exited: signed 12\n")
            #expect(run.ending == .exited(0))
        }

        @Test func errorThatIsNotCaughtIsToldAndDoesNotTrap() throws {
            let run = try NotebookRun(of: program, "throw")
            let failure = try #require(run.messages.last)
            #expect(failure.frame.kind == .failed)
            #expect(texts(failure.frame, 3) == ["Boom", "the sky fell", nil])
            #expect(failure.output == "before")
            #expect(run.errorOutput.isEmpty)
            #expect(run.ending == .exited(1))
        }

        @Test func errorThatIsNotCaughtLosesNoOutputWithoutARunner() throws {
            let run = try NotebookRun(of: program, "throw", widgets: nil)
            #expect(run.output == "before")
            #expect(run.errorOutput == "Error: the sky fell\n")
            #expect(run.ending == .exited(1))
        }

        @Test func programsThatANotebookStartsDoNotGetTheChannel() throws {
            let run = try NotebookRun(of: program, "started-program")
            #expect(run.output == "variable:\nclosed\nend\n")
        }

        @Test func memoryOfANotebookIsClosedToOthers() throws {
            #expect(try NotebookRun(of: program, "dumpable").output == "0\nend\n")
        }
    }

    /// Programs that a signal ends.
    @Suite struct Crashes {
        private let program: String

        init() throws {
            self.program = try #require(BuiltLibrary.current).program
        }

        private func crash(_ run: NotebookRun) throws -> (signal: Int32, addresses: [UInt64]) {
            let last = try #require(run.messages.last?.frame)
            try #require(last.kind == .crashed)
            let words = stride(from: 0, to: last.payload.count, by: 4).map { start in
                last.payload[start..<(start + 4)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            }
            let addresses = stride(from: 2, to: words.count, by: 2).map { words[$0] << 32 | words[$0 + 1] }
            try #require(addresses.count == Int(words[1]))
            return (Int32(words[0]), addresses)
        }

        @Test(arguments: ["divide", "double", "overflow", "abort"])
        func crashIsToldAndThenTakesItsCourse(way: String) throws {
            let run = try NotebookRun(of: program, way)
            let crash = try crash(run)
            #expect(run.ending == .signalled(crash.signal))
            let signals = way == "overflow" ? [SIGSEGV, SIGBUS] : way == "abort" ? [SIGABRT] : [SIGILL, SIGTRAP]
            #expect(signals.contains(crash.signal))
            #expect(way == "divide" ? run.output == "before\n" : run.output.isEmpty)
        }

        /// The addresses say where in the program it was, wherever the program lay in memory.
        @Test func placeIsTheSameInEveryRun() throws {
            let first = try crash(NotebookRun(of: program, "divide"))
            let again = try crash(NotebookRun(of: program, "divide"))
            let other = try crash(NotebookRun(of: program, "double"))
            #expect(first.addresses == again.addresses)
            // In the function, and in what called it.
            #expect(first.addresses.count >= 2)
            #expect(first.addresses.first != other.addresses.first)
            #expect(first.addresses.dropFirst().first != other.addresses.dropFirst().first)
        }

        @Test func deepRecursionFillsNoMoreThanTheFrameHolds() throws {
            let crash = try crash(NotebookRun(of: program, "overflow"))
            #expect(crash.addresses.count == CrashReport.addressLimit)
            // Every level but the innermost ones was called from the same place, or from two in turn where the
            // optimiser unrolled the recursion once.
            #expect(Set(crash.addresses.suffix(32)).count <= 2)
        }

        @Test func crashWithoutARunnerIsAnOrdinaryOne() throws {
            let run = try NotebookRun(of: program, "divide", widgets: nil)
            #expect(run.messages.isEmpty)
            #expect([.signalled(SIGILL), .signalled(SIGTRAP)].contains(run.ending))
        }
    }
}
