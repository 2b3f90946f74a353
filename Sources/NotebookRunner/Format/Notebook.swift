/// A notebook: cells of Swift and of text, in the order in which they run.
public struct Notebook: Sendable, Hashable {
    /// One cell.
    public struct Cell: Sendable, Hashable {
        /// What a cell holds.
        public enum Kind: Sendable, Hashable {
            /// Swift, which is run.
            case code
            /// Markdown, which is shown.
            case markdown
            /// Anything else that a `.ipynb` file may hold, which is kept.
            case raw
        }

        /// The cell's position in the notebook, from 1. Cells of every kind count.
        public let number: Int
        /// What the cell holds.
        public let kind: Kind
        /// The cell's text, without the marks of its file format. Lines end with a line feed.
        public let source: String
        /// The cell's title, if it has one.
        public let title: String?
        /// The cell's identifier in a `.ipynb` file.
        let identifier: String?

        init(number: Int, kind: Kind, source: String, title: String? = nil, identifier: String? = nil) {
            self.number = number
            self.kind = kind
            self.source = source
            self.title = title
            self.identifier = identifier
        }
    }

    /// The name of the notebook's file, as diagnostics show it.
    public let name: String
    /// The cells.
    public let cells: [Cell]

    init(name: String, cells: [Cell]) throws(NotebookError) {
        guard !cells.isEmpty else { throw .unreadable(name, "it has no cells") }
        self.name = name
        self.cells = cells
        for cell in cells where cell.kind == .code {
            try LineDirective.refuse(in: cell, of: name)
        }
    }

    /// The cells that are run.
    var codeCells: [Cell] {
        cells.filter { $0.kind == .code }
    }
}
