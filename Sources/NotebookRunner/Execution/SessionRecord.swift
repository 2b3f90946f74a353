internal import Runs

/// Collects what the cells of a run show, and tells it as it happens.
///
/// Used by one thread after another, never by two.
final class SessionRecord {
    private let events: @Sendable (NotebookEvent) -> Void
    private(set) var cells: [NotebookReport.CellReport]
    /// The index of the cell that shows things now. What a program shows behind its last cell counts as that one's.
    private var index = 0
    /// What has been written and not been told yet.
    private var pending: (stream: StandardStream, bytes: [UInt8])?

    init(_ notebook: Notebook, events: @escaping @Sendable (NotebookEvent) -> Void) {
        self.events = events
        self.cells = notebook.cells.map { NotebookReport.CellReport(cell: $0) }
    }

    func begin(_ cell: Notebook.Cell) {
        if cell.kind == .code { index = cell.number - 1 }
        events(.cellBegan(cell))
    }

    func end(_ cell: Notebook.Cell, _ state: NotebookReport.CellReport.State) {
        flush()
        if cell.kind == .code { cells[cell.number - 1].state = state }
        events(.cellEnded(cell))
    }

    /// Collects bytes until ``flush()``: a redactor hands over many small parts.
    func write(_ bytes: RawSpan, to stream: StandardStream) {
        if let pending, pending.stream != stream { flush() }
        if pending == nil { pending = (stream, []) }
        bytes.withUnsafeBytes { pending?.bytes.append(contentsOf: $0) }
    }

    func flush() {
        guard let (stream, bytes) = pending, !bytes.isEmpty else { return }
        pending = nil
        if case .stream(stream, let before)? = cells[index].outputs.last {
            cells[index].outputs.removeLast()
            cells[index].outputs.append(.stream(stream, before + bytes))
        } else {
            cells[index].outputs.append(.stream(stream, bytes))
        }
        events(.output(cell: index + 1, stream, bytes))
    }

    func display(_ result: DisplayedResult) {
        flush()
        cells[index].outputs.append(.displayed(result))
        events(.displayed(cell: index + 1, result))
    }

    func exit(_ value: String) {
        flush()
        cells[index].outputs.append(.exited(value))
        events(.exited(cell: index + 1, value))
    }
}
