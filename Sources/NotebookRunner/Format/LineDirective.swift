/// Line directives, which would make diagnostics and traps name another cell than their own.
enum LineDirective {
    /// - Throws: ``NotebookError`` when a line of `cell` is a line directive.
    static func refuse(in cell: Notebook.Cell, of notebook: String) throws(NotebookError) {
        for (index, line) in cell.source.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let text = line.drop { $0 == " " || $0 == "\t" }
            let directive: String
            if text.hasPrefix("#sourceLocation") {
                directive = "#sourceLocation"
            } else if text.hasPrefix("#line "), text.dropFirst(6).first?.isNumber == true {
                directive = "#line"
            } else {
                continue
            }
            throw .refused(notebook, cell: cell.number, line: index + 1, "\(directive) cannot be used in a cell")
        }
    }
}
