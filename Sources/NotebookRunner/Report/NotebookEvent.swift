public import Runs

/// What happens while a notebook runs, as it happens. Everything has passed the run's redactor.
public enum NotebookEvent: Sendable {
    /// A cell begins. A cell of text begins and ends at once.
    case cellBegan(Notebook.Cell)
    /// The cell wrote these bytes.
    case output(cell: Int, StandardStream, [UInt8])
    /// The cell displayed a value or a table.
    case displayed(cell: Int, DisplayedResult)
    /// The cell ended the run with this value.
    case exited(cell: Int, String)
    /// The cell failed.
    case failed(CellError)
    /// The cell ended, well or not.
    case cellEnded(Notebook.Cell)
}
