internal import Runs

/// Collects what the cells of a run show, and tells it as it happens.
///
/// Used by one thread after another, never by two.
final class SessionRecord {
    /// So many bytes of each cell's outputs are kept for the report; all are told.
    static let limit = 32 * 1024 * 1024

    private let events: @Sendable (NotebookEvent) -> Void
    private(set) var cells: [NotebookReport.CellReport]
    /// The index of the cell that shows things now. What a program shows behind its last cell counts as that one's.
    private var index = 0
    /// What has been written and not been told yet.
    private var pending: (stream: StandardStream, bytes: [UInt8])?
    /// What the current cell wrote last, which may go on.
    private var kept: (stream: StandardStream, bytes: [UInt8])?
    /// How many bytes of the current cell are kept.
    private var keptCount = 0

    init(_ notebook: Notebook, events: @escaping @Sendable (NotebookEvent) -> Void) {
        self.events = events
        self.cells = notebook.cells.map { NotebookReport.CellReport(cell: $0) }
    }

    func begin(_ cell: Notebook.Cell) {
        if cell.kind == .code {
            finish()
            index = cell.number - 1
            keptCount = 0
        }
        events(.cellBegan(cell))
    }

    func end(_ cell: Notebook.Cell, _ state: NotebookReport.CellReport.State) {
        finish()
        if cell.kind == .code { cells[cell.number - 1].state = state }
        events(.cellEnded(cell))
    }

    /// Collects bytes until ``flush()``: a redactor hands over many small parts.
    func write(_ bytes: RawSpan, to stream: StandardStream) {
        if let pending, pending.stream != stream { flush() }
        if pending == nil { pending = (stream, []) }
        bytes.withUnsafeBytes { pending?.bytes.append(contentsOf: $0) }
    }

    /// Tells what has been written.
    func flush() {
        guard let (stream, bytes) = pending, !bytes.isEmpty else { return }
        pending = nil
        if let kept, kept.stream != stream { keep() }
        if kept == nil { kept = (stream, []) }
        let room = Self.limit - keptCount
        kept?.bytes.append(contentsOf: bytes.prefix(room))
        keptCount += min(bytes.count, room)
        if bytes.count > room { cells[index].isTruncated = true }
        events(.output(cell: index + 1, stream, bytes))
    }

    /// Ends the run of bytes of one stream.
    private func keep() {
        guard let (stream, bytes) = kept else { return }
        kept = nil
        if !bytes.isEmpty { cells[index].outputs.append(.stream(stream, bytes)) }
    }

    /// Everything has been written.
    func finish() {
        flush()
        keep()
    }

    func display(_ result: DisplayedResult) {
        finish()
        cells[index].outputs.append(.displayed(result))
        events(.displayed(cell: index + 1, result))
    }

    func exit(_ value: String) {
        finish()
        cells[index].outputs.append(.exited(value))
        events(.exited(cell: index + 1, value))
    }
}
