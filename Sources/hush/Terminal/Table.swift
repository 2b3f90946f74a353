/// A table as the Databricks command line prints it: columns padded to their widest cell, two spaces between them,
/// nothing behind the last one.
struct Table {
    private var rows: [[String]]
    private var widths: [Int]

    /// Creates a table with a header and no rows.
    init(_ header: [String]) {
        rows = [header]
        widths = header.map(\.count)
    }

    /// Adds a row with as many cells as the header has.
    mutating func append(_ cells: [String]) {
        widen(for: cells)
        rows.append(cells)
    }

    /// The text of all rows that were not taken yet, with a line end behind each. Columns stay as wide as they are, so
    /// that rows which come later stand below the ones before.
    mutating func takeText() -> String {
        defer { rows.removeAll() }
        return rows.reduce(into: "") { text, row in
            for (cell, width) in zip(row.dropLast(), widths) {
                text += cell + String(repeating: " ", count: width - cell.count + 2)
            }
            text += (row.last ?? "") + "\n"
        }
    }

    private mutating func widen(for cells: [String]) {
        for (column, cell) in cells.enumerated() where cell.count > widths[column] {
            widths[column] = cell.count
        }
    }
}
