/// Shows `value` below the cell: arrays of dictionaries, structs, tuples or arrays as a table, anything else as text.
///
/// Of a table the first 10,000 rows are shown. Outside a run the value is printed.
public func display<Value>(_ value: Value) {
    show(value, columns: nil)
}

/// Shows `rows` below the cell as a table with the column names `columns`.
///
/// Of a table the first 10,000 rows are shown. Outside a run the rows are printed.
public func display(_ rows: [[String]], columns: [String]) {
    show(rows, columns: columns)
}

/// Shows `value` through the runner, or prints it where there is none.
func show(_ value: Any, columns: [String]?) {
    guard let channel = controlChannel else {
        print(DisplayText.describe(value))
        return
    }
    guard let table = DisplayTable(value, columns: columns) else {
        var frame = ControlFrame(.text)
        frame.append(DisplayText.describe(value))
        _ = channel.exchange(frame)
        return
    }
    _ = channel.exchange(table.frame)
}

enum DisplayText {
    /// The text for `value`: what `print` would show, with `nil` for nothing and without `Optional(…)`.
    static func describe(_ value: Any) -> String {
        guard let value = unwrapped(value) else { return "nil" }
        return String(describing: value)
    }

    /// What `value` holds when it is an optional, through any number of layers.
    static func unwrapped(_ value: Any) -> Any? {
        let mirror = Mirror(reflecting: value)
        guard mirror.displayStyle == .optional else { return value }
        return mirror.children.first.flatMap { unwrapped($0.value) }
    }
}
