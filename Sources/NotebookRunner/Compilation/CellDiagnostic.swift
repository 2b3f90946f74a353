/// One thing that the compiler says about a cell.
struct CellDiagnostic: Sendable, Hashable {
    enum Severity: String, Sendable, CaseIterable {
        case error, warning, note, remark
    }

    /// A place in a cell.
    struct Position: Sendable, Hashable {
        var cell: Int
        /// From 1.
        var line: Int
        /// In bytes, from 1.
        var column: Int
    }

    var severity: Severity
    var message: String
    /// `nil` when it is about no cell's text.
    var position: Position?
    /// What belongs to it.
    var notes: [CellDiagnostic] = []

    /// The diagnostic as it is shown, with the line of the cell that it is about, and a mark below the place.
    ///
    /// The excerpt comes from the cell's own text, so that no generated line ever shows.
    func rendered(in notebook: String, cells: [Notebook.Cell]) -> String {
        var text = "\(severity.rawValue): \(message)"
        if let position, let cell = cells.first(where: { $0.number == position.cell }) {
            let file = GeneratedProgram.fileName(notebook, cell: cell.number)
            text = "\(file):\(position.line):\(position.column): \(text)"
            text += Self.excerpt(of: cell, position)
        }
        return ([text] + notes.map { $0.rendered(in: notebook, cells: cells) }).joined(separator: "\n")
    }

    private static func excerpt(of cell: Notebook.Cell, _ position: Position) -> String {
        let lines = cell.source.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.indices.contains(position.line - 1) else { return "" }
        let line = lines[position.line - 1]
        let margin = "\(position.line)"
        let before = String(decoding: line.utf8.prefix(position.column - 1), as: UTF8.self)
        let indent = String(before.map { $0 == "\t" ? "\t" : " " })
        return "\n\(margin) | \(line)\n\(margin.map { _ in " " }.joined()) | \(indent)^"
    }
}
