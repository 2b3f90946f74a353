/// Magic commands: the first line of a cell that begins with `%`.
enum Magic {
    private static let markdown: Set = ["%md", "%md-sandbox"]

    /// The text behind the magic command, when it says that the cell is Markdown; `nil` when there is no command.
    ///
    /// - Throws: ``NotebookError`` that names every other command.
    static func markdown(in lines: [Substring], cell: Int, of notebook: String) throws(NotebookError) -> String? {
        guard let index = lines.firstIndex(where: { !$0.allSatisfy(\.isWhitespace) }) else { return nil }
        let first = lines[index].drop(while: \.isWhitespace)
        guard first.hasPrefix("%") else { return nil }
        let name = first.prefix { !$0.isWhitespace }
        guard markdown.contains(String(name)) else {
            throw .refused(
                notebook,
                cell: cell,
                line: index + 1,
                "the magic command \(name) is not supported; only Swift and %md are"
            )
        }
        let rest = first.dropFirst(name.count).drop(while: \.isWhitespace)
        return ([rest] + lines[(index + 1)...]).drop { $0.isEmpty }.joined(separator: "\n")
    }
}
