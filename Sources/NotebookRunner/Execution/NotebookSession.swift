internal import Redaction
internal import Runs

/// One execution of a notebook's program: follows its cells, redacts what they show, answers what they ask.
///
/// Lives on the thread of the program's process.
final class NotebookSession: ChildObserver {
    /// What is left when the program has ended.
    struct Result: Sendable {
        var ending: ChildEnding
        var cells: [NotebookReport.CellReport]
        /// The cell that had not ended.
        var current: Int?
        /// The value that the program ended the run with, redacted.
        var exitValue: String?
        /// The error that no cell caught, redacted.
        var failure: (type: String, description: String)?
        /// Where the program was when a signal ended it, as addresses relative to its image.
        var crashAddresses: [UInt64] = []
        /// What was redacted, if that was to be reported.
        var redactions: NotebookReport.Redactions?
        /// Whether the program garbled what it sends over its control descriptor.
        var garbledControl = false
    }

    let watchesIdleness = true
    private let results: ResultRedaction
    private let isReporting: Bool
    private let parameters: [String: String]
    private let currentCell: CurrentCell
    private let record: SessionRecord
    private let output: RedactedOutput
    private var progress: CellProgress
    private var decoder = ControlDecoder()
    private var isEnding = false
    private var result = Result(ending: ChildEnding(status: .exited(0), cause: .program), cells: [])

    init(
        _ notebook: Notebook,
        running cells: [Notebook.Cell],
        parameters: [String: String],
        redactor: Redactor,
        currentCell: CurrentCell,
        isTerminal: Bool,
        isReporting: Bool = false,
        events: @escaping @Sendable (NotebookEvent) -> Void
    ) {
        let record = SessionRecord(notebook, events: events)
        self.results = ResultRedaction(redactor: redactor, isReporting: isReporting)
        self.isReporting = isReporting
        self.parameters = parameters
        self.currentCell = currentCell
        self.record = record
        self.progress = CellProgress(notebook, running: cells)
        self.output = RedactedOutput(redactor: redactor, isTerminal: isTerminal, isReporting: isReporting) {
            stream, bytes in
            record.write(bytes, to: stream)
        }
        take(progress.begin())
    }

    // MARK: Output

    func received(_ bytes: RawSpan, from stream: StandardStream) {
        output.feed(bytes, from: stream)
        record.flush()
    }

    func becameIdle() {
        output.releaseIdle()
        record.flush()
    }

    // MARK: Control

    func received(_ bytes: RawSpan, control: any ChildControl) {
        decoder.append(bytes)
        do {
            while let message = try decoder.next() {
                // What the program wrote before its message comes before it.
                control.drainOutput()
                output.releaseIdle()
                guard let answer = try take(message) else { continue }
                control.send(answer.bytes)
            }
        } catch {
            result.garbledControl = true
            control.close()
        }
    }

    /// Does what `message` says, and returns the answer that the program waits for.
    private func take(_ message: ControlMessage) throws(ControlDecoder.Failure) -> ControlMessage.Answer? {
        switch message {
        case .started(let version):
            guard version == ControlMessage.version else { throw ControlDecoder.Failure() }
        case .cellEnded(let number):
            guard !isEnding, let steps = progress.end(number) else { throw ControlDecoder.Failure() }
            take(steps)
        case .text(let text):
            record.display(DisplayedResult(plainText: results.redact(text), html: nil))
        case .table(let table):
            record.display(redacted(table))
        case .failed(let type, let description):
            isEnding = true
            result.failure = (results.redact(type), results.redact(description))
        case .exited(let value):
            isEnding = true
            let value = results.redact(value)
            result.exitValue = value
            record.exit(value)
        case .widget(let name):
            return parameters[name].map { .value($0) } ?? .unknown(parameters.keys.sorted())
        case .crashed(_, let addresses):
            result.crashAddresses = addresses
            return nil
        }
        return .taken
    }

    private func take(_ steps: [CellProgress.Step]) {
        for step in steps {
            switch step {
            case .began(let cell): record.begin(cell)
            case .ended(let cell): record.end(cell, .completed)
            }
        }
        // Before the program goes on: its next request belongs to the next cell.
        currentCell.number = progress.current?.number
    }

    /// Redacted cell by cell, before it is laid out.
    private func redacted(_ table: DisplayedTable) -> DisplayedResult {
        let table = DisplayedTable(
            columns: table.columns.map(results.redact),
            rows: table.rows.map { $0.map(results.redact) },
            rowsLeftOut: table.rowsLeftOut
        )
        return DisplayedResult(plainText: TableLayout.plainText(table), html: TableLayout.html(table))
    }

    // MARK: The end

    func ended(_ ending: ChildEnding) -> Result {
        output.finish()
        record.finish()
        currentCell.number = nil
        result.ending = ending
        result.current = progress.current?.number
        result.cells = record.cells
        if isReporting {
            result.redactions = NotebookReport.Redactions(
                output: output.report(of: .standardOutput),
                error: output.report(of: .standardError),
                results: results.report
            )
        }
        return result
    }
}
