/// Databricks' source format, in Swift: one file, whose comments divide it into cells.
///
/// ```
/// // Databricks notebook source
/// // MAGIC %md
/// // MAGIC # Revenue
///
/// // COMMAND ----------
///
/// // DBTITLE 1,Read the orders
/// let orders = try readOrders()
/// ```
enum DatabricksSource {
    private static let header = "// Databricks notebook source"
    private static let separator = "// COMMAND ----------"
    private static let title = "// DBTITLE 1,"
    private static let magic = "// MAGIC"

    /// The cells of the file `text`.
    ///
    /// - Throws: ``NotebookError`` when the first line is another, or a cell holds a magic command other than `%md`.
    static func cells(of text: String, name: String) throws(NotebookError) -> [Notebook.Cell] {
        var lines = text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first.map(trimmed) == header[...] else {
            throw .unreadable(name, "its first line is not \"\(header)\"")
        }
        lines.removeFirst()
        var cells: [Notebook.Cell] = []
        for part in lines.split(omittingEmptySubsequences: false, whereSeparator: { trimmed($0) == separator[...] }) {
            let body = withoutBlankEnds(part)
            guard !body.isEmpty else { continue }
            cells.append(try cell(body, number: cells.count + 1, of: name))
        }
        return cells
    }

    private static func cell(
        _ lines: ArraySlice<Substring>,
        number: Int,
        of name: String
    ) throws(NotebookError) -> Notebook.Cell {
        var lines = lines
        var cellTitle: String?
        if let first = lines.first, first.hasPrefix(title) {
            cellTitle = String(trimmed(first.dropFirst(title.count)))
            lines = withoutBlankEnds(lines.dropFirst())
        }
        let magicLines = lines.map(magicText)
        guard let firstMagic = magicLines.firstIndex(where: { $0 != nil }) else {
            return Notebook.Cell(
                number: number,
                kind: .code,
                source: lines.joined(separator: "\n"),
                title: cellTitle
            )
        }
        let text = try Magic.markdown(in: magicLines.compactMap(\.self), cell: number, of: name)
        guard let text, zip(lines, magicLines).allSatisfy({ $1 != nil || trimmed($0).isEmpty }) else {
            throw .refused(name, cell: number, line: firstMagic + 1, "a magic command must have a cell of its own")
        }
        return Notebook.Cell(number: number, kind: .markdown, source: text, title: cellTitle)
    }

    /// What stands behind `// MAGIC`.
    private static func magicText(_ line: Substring) -> Substring? {
        guard line.hasPrefix(magic) else { return nil }
        let rest = line.dropFirst(magic.count)
        if rest.isEmpty { return rest }
        return rest.hasPrefix(" ") ? rest.dropFirst() : nil
    }

    private static func withoutBlankEnds(_ lines: ArraySlice<Substring>) -> ArraySlice<Substring> {
        let isBlank: (Substring) -> Bool = { $0.allSatisfy(\.isWhitespace) }
        guard let first = lines.firstIndex(where: { !isBlank($0) }),
            let last = lines.lastIndex(where: { !isBlank($0) })
        else { return [] }
        return lines[first...last]
    }

    private static func trimmed(_ line: Substring) -> Substring {
        guard let last = line.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return line[...last]
    }
}
