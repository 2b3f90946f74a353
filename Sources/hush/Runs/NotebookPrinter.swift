import NotebookRunner
import Runs
import Synchronization

/// Prints what a notebook shows as it appears, cell by cell. Everything that comes here has passed the redactor.
final class NotebookPrinter: Sendable {
    private struct State {
        /// Whether the last byte that was printed ended a line.
        var isAtLineStart = true
        /// Why printing stopped.
        var failure: (any Error)?
        /// What is done then.
        var stop: (@Sendable () -> Void)?
    }

    private let program: Program
    /// Does not end the process when the reader has gone away: the run must be ended first.
    private let output: TextOutput
    private let state = Mutex(State())

    init(program: Program) {
        self.program = program
        self.output = TextOutput(descriptor: program.output.descriptor, diesOfBrokenPipe: false)
    }

    /// Calls `stop` when something cannot be printed, at once when that has happened already.
    func onFailure(_ stop: @escaping @Sendable () -> Void) {
        let hasFailed = state.withLock { state in
            state.stop = stop
            return state.failure != nil
        }
        if hasFailed { stop() }
    }

    /// Prints an event.
    func show(_ event: NotebookEvent) {
        switch event {
        case .cellBegan(let cell):
            guard cell.kind == .code else { return }
            let title = cell.title.map { ": \($0)" } ?? ""
            line("── cell \(cell.number)\(title)")
        case .output(_, let stream, let bytes):
            write(bytes, to: stream == .standardError ? program.errors : output)
        case .displayed(_, let result):
            line(result.plainText)
        case .exited(_, let value):
            line("Notebook exited: \(value)")
        case .failed(let error):
            // A run that was stopped because nobody reads its output has nothing more to say.
            guard state.withLock({ $0.failure == nil }) else { return }
            endLine()
            program.errors.writeMessage(error.description)
        case .cellEnded:
            endLine()
        }
    }

    /// Ends the output, after the run has ended.
    ///
    /// - Throws: When something of it could not be printed. A reader that has gone away ends the process silently.
    func finish() throws {
        endLine()
        guard let failure = state.withLock({ $0.failure }) else { return }
        try program.output.write("\n")
        throw failure
    }

    private func line(_ text: String) {
        endLine()
        write(Array((text + "\n").utf8), to: output)
    }

    private func endLine() {
        guard !state.withLock({ $0.isAtLineStart }) else { return }
        write([UInt8(ascii: "\n")], to: output)
    }

    private func write(_ bytes: [UInt8], to output: TextOutput) {
        guard let last = bytes.last else { return }
        do {
            try output.write(bytes)
            state.withLock { $0.isAtLineStart = last == UInt8(ascii: "\n") }
        } catch {
            let stop = state.withLock { state in
                state.failure = state.failure ?? error
                return state.stop
            }
            stop?()
        }
    }
}
