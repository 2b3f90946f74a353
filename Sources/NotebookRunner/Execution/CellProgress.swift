/// Which cell a run is at: cells of code run one after the other, cells of text pass in between.
struct CellProgress {
    /// What happens on the way.
    enum Step: Equatable {
        case began(Notebook.Cell)
        case ended(Notebook.Cell)
    }

    private let notebook: Notebook
    /// The numbers of the cells that run.
    private let running: Set<Int>
    /// The cells that have not begun.
    private var next = 0
    /// The cell that runs now.
    private(set) var current: Notebook.Cell?

    init(_ notebook: Notebook, running cells: [Notebook.Cell]) {
        self.notebook = notebook
        self.running = Set(cells.map(\.number))
    }

    /// Begins the next cell that runs; cells of text before it begin and end.
    mutating func begin() -> [Step] {
        var steps: [Step] = []
        while next < notebook.cells.count, current == nil {
            let cell = notebook.cells[next]
            guard cell.kind != .code || running.contains(cell.number) else { break }
            next += 1
            steps.append(.began(cell))
            if cell.kind == .code {
                current = cell
            } else {
                steps.append(.ended(cell))
            }
        }
        return steps
    }

    /// Ends the current cell and begins the next one; `nil` when `number` is not the current cell's.
    mutating func end(_ number: Int) -> [Step]? {
        guard let cell = current, cell.number == number else { return nil }
        current = nil
        return [.ended(cell)] + begin()
    }
}
