public import Redaction
public import Runs

/// What came of running a notebook. Everything in it has passed the run's redactor.
public struct NotebookReport: Sendable {
    /// How the run ended.
    public enum Outcome: Sendable, Hashable {
        /// Every cell ran.
        case succeeded
        /// A cell ended the run with this value (`dbutils.notebook.exit`).
        case exited(String)
        /// A cell failed, and those behind it were not run.
        case failed(CellError)
        /// The run took longer than it was allowed to. The cell is the one that was running; `nil` when the notebook
        /// was still being compiled.
        case timedOut(cell: Int?)
        /// The task was cancelled that waited for the run.
        case cancelled(cell: Int?)
    }

    /// What came of one cell.
    public struct CellReport: Sendable {
        /// How far a cell came.
        public enum State: Sendable, Hashable {
            /// It holds no code, or was not reached.
            case notRun
            /// It ran to its end, or ended the run.
            case completed
            /// It failed or was interrupted.
            case failed
        }

        /// The cell.
        public let cell: Notebook.Cell
        /// How far it came.
        public internal(set) var state = State.notRun
        /// What it showed, in the order of its appearance.
        public internal(set) var outputs: [CellOutput] = []
        /// Whether it wrote more than 32 MiB; what came behind them was told as it came, and is not kept.
        public internal(set) var isTruncated = false
    }

    /// The notebook.
    public let notebook: Notebook
    /// What came of each cell of the notebook.
    public internal(set) var cells: [CellReport]
    /// How the run ended.
    public internal(set) var outcome: Outcome
    /// What was redacted while it ran; `nil` unless that was to be reported.
    public internal(set) var redactions: Redactions?

    /// What was redacted in a run.
    public struct Redactions: Sendable {
        /// In the standard output of all cells together.
        public var output: RedactionReport
        /// In the standard error of all cells together.
        public var error: RedactionReport
        /// In displayed results, errors and the exit value. Lines are those of each of them.
        public var results: RedactionReport
    }

    /// The exit code of a command that ran this notebook: 0, 1 when a cell failed, 124 when the time was up, 130 when
    /// it was cancelled.
    public var exitCode: Int32 {
        switch outcome {
        case .succeeded, .exited: 0
        case .failed: 1
        case .timedOut: 124
        case .cancelled: 130
        }
    }
}

/// Something that a cell showed.
public enum CellOutput: Sendable, Hashable {
    /// Bytes that it wrote.
    case stream(StandardStream, [UInt8])
    /// A value or a table that it displayed.
    case displayed(DisplayedResult)
    /// The value that it ended the run with.
    case exited(String)
    /// Why it failed.
    case error(CellError)
}

/// A value or a table that a cell displayed.
public struct DisplayedResult: Sendable, Hashable {
    /// The result as plain text; lines end with a line feed, but for the last one.
    public let plainText: String
    /// The result as HTML, if it is a table.
    public let html: String?
}

/// Why a cell failed.
public struct CellError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The cell's number.
    public let cell: Int
    /// The line in the cell, from 1, when it is known.
    public let line: Int?
    /// The type of the error: of a Swift error, or a word such as `CompileError`.
    public let name: String
    /// The error in words.
    public let message: String

    /// Where and why, with the error in words.
    public var description: String {
        let place = line.map { "cell \(cell), line \($0)" } ?? "cell \(cell)"
        return "\(place): \(name): \(message)"
    }
}
