/// Rows and columns to show. Layout and redaction are the runner's: a value must be redacted before its table is laid
/// out or escaped for HTML.
struct DisplayTable {
    /// As many rows as Databricks shows.
    static let rowLimit = 10_000

    private(set) var columns: [String]
    private(set) var rows: [[String]]
    private(set) var rowsLeftOut: Int

    /// Makes a table of a non-empty array whose elements are all dictionaries with text keys, all structs or all tuples
    /// with the same names, or all arrays; `nil` for every other value.
    init?(_ value: Any, columns names: [String]?) {
        let mirror = Mirror(reflecting: value)
        guard mirror.displayStyle == .collection, !mirror.children.isEmpty else { return nil }
        let elements = mirror.children.prefix(Self.rowLimit).map { Mirror(reflecting: $0.value) }
        self.rowsLeftOut = mirror.children.count - elements.count
        switch elements[0].displayStyle {
        case .dictionary: (columns, rows) = (Self.keys(of: elements), [])
        case .collection: (columns, rows) = (Self.positions(in: elements), [])
        case .tuple: (columns, rows) = (Self.labels(of: elements[0]), [])
        case .struct where Self.isRecord(mirror.children.first?.value):
            (columns, rows) = (Self.labels(of: elements[0]), [])
        default: return nil
        }
        guard !columns.isEmpty else { return nil }
        let hasNames = elements[0].displayStyle == .struct || elements[0].displayStyle == .tuple
        for element in elements {
            guard element.displayStyle == elements[0].displayStyle,
                !hasNames || Self.labels(of: element) == columns,
                let row = Self.cells(of: element, columns)
            else { return nil }
            rows.append(row)
        }
        if let names {
            columns = names + columns.dropFirst(names.count)
            rows = rows.map { $0 + Array(repeating: "", count: columns.count - $0.count) }
        }
    }

    var frame: ControlFrame {
        var frame = ControlFrame(.table)
        frame.append(rowsLeftOut)
        frame.append(columns.count)
        columns.forEach { frame.append($0) }
        frame.append(rows.count)
        rows.joined().forEach { frame.append($0) }
        return frame
    }

    /// Whether `value` is a struct of the notebook's own kind; a date or a decimal number is one value in one cell.
    private static func isRecord(_ value: Any?) -> Bool {
        guard let value, !(value is any CustomReflectable) else { return false }
        return Mirror(reflecting: value).children.allSatisfy { $0.label?.hasPrefix("_") == false }
    }

    private static func keys(of dictionaries: [Mirror]) -> [String] {
        var keys: Set<String> = []
        for dictionary in dictionaries {
            for entry in dictionary.children {
                guard let key = entry.value as? (key: AnyHashable, value: Any), let name = key.key.base as? String
                else {
                    return []
                }
                keys.insert(name)
            }
        }
        return keys.sorted()
    }

    /// `_1`, `_2`… as Databricks names the columns of rows without names.
    private static func positions(in arrays: [Mirror]) -> [String] {
        let width = arrays.map(\.children.count).max() ?? 0
        return (1..<(width + 1)).map { "_\($0)" }
    }

    private static func labels(of element: Mirror) -> [String] {
        element.children.enumerated().map { position, child in
            guard let label = child.label, !label.hasPrefix(".") else { return "_\(position + 1)" }
            return label
        }
    }

    private static func cells(of element: Mirror, _ columns: [String]) -> [String]? {
        if element.displayStyle == .dictionary {
            var cells: [String: String] = [:]
            for entry in element.children {
                guard let entry = entry.value as? (key: AnyHashable, value: Any), let name = entry.key.base as? String
                else { return nil }
                cells[name] = cell(entry.value)
            }
            return columns.map { cells[$0] ?? "" }
        }
        let cells = element.children.map { cell($0.value) }
        guard cells.count <= columns.count else { return nil }
        return cells + Array(repeating: "", count: columns.count - cells.count)
    }

    private static func cell(_ value: Any) -> String {
        DisplayText.unwrapped(value).map { String(describing: $0) } ?? "null"
    }
}
