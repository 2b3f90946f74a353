internal import Redaction
internal import Runs

/// Runs what a notebook was compiled to, and says what came of it.
struct NotebookExecution {
    let notebook: Notebook
    let product: NotebookCompiler.Product
    let run: NotebookRun
    let deadline: ContinuousClock.Instant?
    let symbolizer: Symbolizer?
    let events: @Sendable (NotebookEvent) -> Void

    /// Runs the cells that compile, then shows what is wrong with the one that does not.
    func report() async throws -> NotebookReport {
        var report = NotebookReport(
            notebook: notebook,
            cells: notebook.cells.map { NotebookReport.CellReport(cell: $0) },
            outcome: .succeeded
        )
        if let program = product.program {
            let session = try await execute(program)
            report.cells = session.cells
            report.redactions = session.redactions
            report.outcome = await outcome(of: session, program)
            conclude(session, &report)
        }
        if case .succeeded = report.outcome, let failure = product.failure {
            let cell = notebook.cells[failure.cell - 1]
            begin(upTo: cell, after: product.cells.last)
            let error = compileError(failure)
            report.outcome = .failed(error)
            fail(error, in: &report)
        } else if case .succeeded = report.outcome, product.program == nil {
            notebook.cells.forEach(pass)
        }
        return report
    }

    private func execute(_ program: [UInt8]) async throws -> NotebookSession.Result {
        let sealed: SealedProgram
        do {
            sealed = try SealedProgram(name: notebook.name, bytes: program.span.bytes)
            var command = ChildCommand(
                .sealed(sealed),
                arguments: [notebook.name],
                environment: run.environment,
                directory: run.directory
            )
            command.hasControlDescriptor = true
            command.isolation = run.isolation
            command.isOnlyChild = run.isOnlyChild
            command.timeout = deadline.map { max(.zero, $0 - .now) }
            return try await ChildProcess.run(command) { [notebook, product, run, events] in
                NotebookSession(
                    notebook,
                    running: product.cells,
                    parameters: run.parameters,
                    redactor: run.redactor,
                    currentCell: run.currentCell,
                    isTerminal: run.isOnTerminal,
                    isReporting: run.isReporting,
                    events: events
                )
            }
        } catch {
            throw NotebookError(.compilerFailure, "The notebook \(notebook.name) cannot be started: \(error).")
        }
    }

    // MARK: How it ended

    private func outcome(
        of session: NotebookSession.Result,
        _ program: [UInt8]
    ) async -> NotebookReport.Outcome {
        switch session.ending.cause {
        case .timeout: return .timedOut(cell: session.current)
        case .cancellation: return .cancelled(cell: session.current)
        case .program: break
        }
        if let value = session.exitValue { return .exited(value) }
        // Behind the last cell, whatever happens is still that one's.
        let cell = session.current ?? product.cells.last?.number ?? 1
        if let failure = session.failure {
            return .failed(CellError(cell: cell, line: nil, name: failure.type, message: failure.description))
        }
        switch session.ending.status {
        case .signaled(let signal):
            return .failed(await crash(signal, cell, session, program))
        case .exited(let code):
            if code == 0, session.current == nil { return .succeeded }
            return .failed(endedEarly(code, cell, session))
        }
    }

    private func endedEarly(_ code: Int32, _ cell: Int, _ session: NotebookSession.Result) -> CellError {
        if session.garbledControl {
            return CellError(
                cell: cell,
                line: nil,
                name: "GarbledControl",
                message: "the program garbled the descriptor by which hush follows it; what it showed afterwards is "
                    + "shown with this cell"
            )
        }
        return CellError(
            cell: cell,
            line: nil,
            name: "ProgramEnded",
            message: "the program ended with exit code \(code) before its last cell, or closed the descriptor by which "
                + "hush follows it. To end a run early use dbutils.notebook.exit(_:)"
        )
    }

    private func crash(
        _ signal: Int32,
        _ cell: Int,
        _ session: NotebookSession.Result,
        _ program: [UInt8]
    ) async -> CellError {
        let words = CrashExplanation.words(for: signal)
        let fatal = CrashExplanation.fatalError(in: Self.errorText(of: session.cells[cell - 1]), of: notebook.name)
        var places = await symbolizer?.places(of: session.crashAddresses, in: program, notebook: notebook.name) ?? []
        if places.isEmpty, let place = fatal?.place { places = [place] }
        var message = fatal?.message ?? words.meaning
        if let innermost = places.first, innermost.cell != cell {
            message += " (in cell \(innermost.cell), line \(innermost.line))"
        }
        let line = places.first { $0.cell == cell }?.line
        return CellError(cell: cell, line: line, name: fatal == nil ? words.name : "Trap", message: message)
    }

    private static func errorText(of cell: NotebookReport.CellReport) -> String {
        cell.outputs.compactMap { output in
            guard case .stream(.standardError, let bytes) = output else { return nil }
            return String(decoding: bytes, as: UTF8.self)
        }.joined()
    }

    private func compileError(_ failure: CellFailure) -> CellError {
        let text = failure.diagnostics.map { $0.rendered(in: notebook.name, cells: notebook.cells) }
        let line = failure.diagnostics.first { $0.position?.cell == failure.cell }?.position?.line
        return CellError(
            cell: failure.cell,
            line: line,
            name: "CompileError",
            message: run.redactor.redact(text.joined(separator: "\n"))
        )
    }

    // MARK: Telling it

    private func fail(_ error: CellError, in report: inout NotebookReport) {
        report.cells[error.cell - 1].state = .failed
        report.cells[error.cell - 1].outputs.append(.error(error))
        events(.failed(error))
        events(.cellEnded(notebook.cells[error.cell - 1]))
    }

    /// Ends the cell that had not ended when the program did.
    private func conclude(_ session: NotebookSession.Result, _ report: inout NotebookReport) {
        func interrupted(_ name: String, _ message: String) {
            guard let cell = session.current else { return }
            fail(CellError(cell: cell, line: nil, name: name, message: message), in: &report)
        }
        switch report.outcome {
        case .failed(let error):
            fail(error, in: &report)
        case .timedOut:
            interrupted("TimedOut", "the time of the run was up")
        case .cancelled:
            interrupted("Cancelled", "the run was cancelled")
        case .exited, .succeeded:
            guard let current = session.current else { return }
            report.cells[current - 1].state = .completed
            events(.cellEnded(notebook.cells[current - 1]))
        }
    }

    /// Begins `cell`, after the cells of text that stand between it and the last one that ran.
    private func begin(upTo cell: Notebook.Cell, after last: Notebook.Cell?) {
        if last == nil {
            notebook.cells.prefix { $0.number < cell.number && $0.kind != .code }.forEach(pass)
        }
        events(.cellBegan(cell))
    }

    private func pass(_ cell: Notebook.Cell) {
        events(.cellBegan(cell))
        events(.cellEnded(cell))
    }
}
