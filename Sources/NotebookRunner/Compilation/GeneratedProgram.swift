/// The one `main.swift` that the cells of a notebook are compiled as.
///
/// ```
/// import DBUtils; DBUtils-call that says that the program begins;
/// #sourceLocation(file: "orders.swift#cell2", line: 1)        only when it is compiled to run
/// …the text of cell 2, as it is…
/// ~~~>>> __hushCellResult                                     when its last expression is to be displayed
/// #sourceLocation()                                           only when it is compiled to run
/// __hushCellDidEnd(2);
/// ```
///
/// The semicolons matter: a cell may begin with a brace or a dot, which would otherwise go on with the call before it.
/// Without source locations, the diagnostics of the compiler name lines of this file, whose path no cell can know.
struct GeneratedProgram: Sendable {
    /// What the program is for.
    enum Purpose: Sendable, Hashable {
        /// Diagnostics.
        case check
        /// To run; the last expressions of these cells are displayed.
        case run(displayedCells: Set<Int>)
    }

    /// Where the text of one cell stands in the program.
    struct Section: Sendable {
        var cell: Notebook.Cell
        /// The line of the program that is line 1 of the cell, from 1.
        var firstLine: Int
        var lineCount: Int
        /// The bytes of the text.
        var bytes: Range<Int>
    }

    let text: String
    let sections: [Section]

    /// Puts `cells` of the notebook with the name `notebook` together.
    init(_ cells: [Notebook.Cell], of notebook: String, for purpose: Purpose) {
        var text = "import DBUtils; __hushNotebookDidStart();\n"
        var line = 2
        var sections: [Section] = []
        func append(_ generated: String) {
            text += generated + "\n"
            line += 1
        }
        for cell in cells {
            if case .run = purpose {
                append("#sourceLocation(file: \"\(Self.fileName(notebook, cell: cell.number))\", line: 1)")
            }
            let lineCount = cell.source.utf8.count { $0 == UInt8(ascii: "\n") } + 1
            let start = text.utf8.count
            let section = Section(
                cell: cell,
                firstLine: line,
                lineCount: lineCount,
                bytes: start..<(start + cell.source.utf8.count)
            )
            sections.append(section)
            text += cell.source + "\n"
            line += lineCount
            if case .run(let displayedCells) = purpose {
                if displayedCells.contains(cell.number) { append("~~~>>> __hushCellResult") }
                append("#sourceLocation()")
            }
            append("__hushCellDidEnd(\(cell.number));")
        }
        self.text = text
        self.sections = sections
    }

    /// The name that diagnostics and traps give to a cell.
    static func fileName(_ notebook: String, cell: Int) -> String {
        let name = notebook.map { character in
            character.isNewline || "\"\\".contains(character) || character.asciiValue.map { $0 < 0x20 } == true
                ? "_" : character
        }
        return "\(String(name))#cell\(cell)"
    }

    /// The cell that the line `line` of the program belongs to, and the line in the cell.
    func position(line: Int) -> (section: Section, line: Int)? {
        guard let section = sections.last(where: { $0.firstLine <= line }), line < section.firstLine + section.lineCount
        else { return nil }
        return (section, line - section.firstLine + 1)
    }

    /// The cell whose text holds the byte at `offset`.
    func section(atOffset offset: Int) -> Section? {
        sections.first { $0.bytes.contains(offset) }
    }
}
