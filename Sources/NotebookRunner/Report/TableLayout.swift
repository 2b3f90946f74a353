/// Lays out tables whose cells have been redacted.
enum TableLayout {
    /// A cell is not shown wider than this in plain text.
    private static let widthLimit = 60

    /// The table with its columns aligned, numbers to the right.
    static func plainText(_ table: DisplayedTable) -> String {
        let header = table.columns.map(oneLine)
        let rows = table.rows.map { $0.map(oneLine) }
        let columns = header.indices.map { column in [header[column]] + rows.map { $0[column] } }
        let widths = columns.map { column in column.map(\.count).max() ?? 0 }
        let areNumbers = columns.map { column in
            column.count > 1 && column.dropFirst().allSatisfy { $0.isEmpty || $0 == "null" || Double($0) != nil }
        }
        func line(_ cells: [String]) -> String {
            let padded = zip(cells, zip(widths, areNumbers)).map { cell, layout in
                let padding = String(repeating: " ", count: layout.0 - cell.count)
                return layout.1 ? padding + cell : cell + padding
            }
            return "| " + padded.joined(separator: " | ") + " |"
        }
        let rule = "+" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "+") + "+"
        var lines = [rule, line(header), rule] + rows.map(line) + [rule]
        if let note = note(table) { lines.append(note) }
        return lines.joined(separator: "\n")
    }

    /// The table as an HTML element.
    static func html(_ table: DisplayedTable) -> String {
        func row(_ cells: [String], _ tag: String) -> String {
            "<tr>" + cells.map { "<\(tag)>\(escaped($0))</\(tag)>" }.joined() + "</tr>"
        }
        let head = "<thead>\(row(table.columns, "th"))</thead>"
        let body = "<tbody>\(table.rows.map { row($0, "td") }.joined(separator: "\n"))</tbody>"
        let note = note(table).map { "<p>\(escaped($0))</p>" } ?? ""
        return "<table>\(head)\n\(body)</table>\(note)"
    }

    private static func note(_ table: DisplayedTable) -> String? {
        table.rowsLeftOut > 0 ? "The first \(table.rows.count) rows; \(table.rowsLeftOut) more are not shown." : nil
    }

    private static func oneLine(_ cell: String) -> String {
        let line = String(cell.map { $0.isNewline || $0 == "\t" ? " " : $0 })
        return line.count > widthLimit ? line.prefix(widthLimit - 1) + "…" : line
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
