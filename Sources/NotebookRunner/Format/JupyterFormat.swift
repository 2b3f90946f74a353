internal import Foundation

/// The format of `.ipynb` files: nbformat 4, which is JSON.
enum JupyterFormat {
    /// The parts of a file that matter here; the rest is ignored.
    private struct File: Decodable {
        var nbformat: Int
        var metadata: Metadata
        var cells: [Cell]?
    }

    private struct Metadata: Decodable {
        struct Language: Decodable {
            var name: String?
            var language: String?
        }

        var languageInfo: Language?
        var kernelspec: Language?
        var databricks: Language?

        enum CodingKeys: String, CodingKey {
            case languageInfo = "language_info"
            case kernelspec
            case databricks = "application/vnd.databricks.v1+notebook"
        }

        /// What the file says about its language, the most telling first.
        var language: String? {
            languageInfo?.name ?? kernelspec?.language ?? databricks?.language ?? kernelspec?.name
        }
    }

    private struct Cell: Decodable {
        var kind: String
        var id: String?
        var source: Text

        enum CodingKeys: String, CodingKey {
            case kind = "cell_type"
            case id
            case source
        }
    }

    /// A text, in one piece or as a list of lines.
    private struct Text: Decodable {
        var text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            text = try (try? container.decode(String.self)) ?? container.decode([String].self).joined()
        }
    }

    /// The cells of the file `text`.
    ///
    /// - Throws: ``NotebookError`` when it is no notebook of that format, is in another language than Swift, or a cell
    ///   holds a magic command other than `%md`.
    static func cells(of text: String, name: String) throws(NotebookError) -> [Notebook.Cell] {
        let file: File
        do {
            file = try JSONDecoder().decode(File.self, from: Data(text.utf8))
        } catch {
            throw .unreadable(name, "it is not a Jupyter notebook; \(reason(error))")
        }
        guard file.nbformat == 4 else {
            throw .unreadable(name, "it has nbformat \(file.nbformat); only nbformat 4 is supported")
        }
        guard let language = file.metadata.language else {
            throw .unreadable(name, "it does not say its language; it must be Swift")
        }
        guard language.lowercased() == "swift" else {
            throw .unreadable(name, "its language is \(language); it must be Swift")
        }
        var cells: [Notebook.Cell] = []
        for cell in file.cells ?? [] {
            cells.append(try notebookCell(cell, number: cells.count + 1, of: name))
        }
        return cells
    }

    private static func notebookCell(
        _ cell: Cell,
        number: Int,
        of name: String
    ) throws(NotebookError) -> Notebook.Cell {
        let source = cell.source.text.replacing("\r\n", with: "\n")
        var kind = Notebook.Cell.Kind.raw
        var text = source
        switch cell.kind {
        case "markdown":
            kind = .markdown
        case "code":
            let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
            let markdown = try Magic.markdown(in: lines, cell: number, of: name)
            kind = markdown == nil ? .code : .markdown
            text = markdown ?? source
        case "raw":
            break
        default:
            throw .unreadable(name, "cell \(number) is of the unknown type \(cell.kind)")
        }
        return Notebook.Cell(number: number, kind: kind, source: text, identifier: cell.id)
    }

    /// Where the text departs from the format; never what it says there.
    private static func reason(_ error: any Error) -> String {
        func path(_ path: [any CodingKey]) -> String {
            path.map { $0.intValue.map { "\($0 + 1)" } ?? $0.stringValue }.joined(separator: ", ")
        }
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            let parent = context.codingPath.isEmpty ? "" : " in \(path(context.codingPath))"
            return "\(key.stringValue) is missing\(parent)"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            return "\(path(context.codingPath)) is of the wrong type"
        default:
            return "it is not JSON"
        }
    }
}
