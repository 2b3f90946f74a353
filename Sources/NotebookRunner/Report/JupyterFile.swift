internal import Foundation
public import Redaction
internal import Runs

extension NotebookReport {
    /// Saves the notebook with what its cells showed as a `.ipynb` file (nbformat 4.5) that only this user can read.
    ///
    /// There is never half a file at `path`: it is written beside it and then renamed.
    ///
    /// - Parameters:
    ///   - path: Where to save it; a file that is there is replaced.
    ///   - redactor: Knows the values of the run. Outputs are redacted once more, with every value that the run was
    ///     given from its first cell to its last; the cells' sources are saved as they are.
    /// - Throws: ``NotebookError`` when the file cannot be written.
    public func save(to path: String, redactor: Redactor) throws(NotebookError) {
        try PrivateFile.write(try jupyterFile(redactor: redactor), to: path)
    }

    /// The bytes of the file that ``save(to:redactor:)`` writes.
    func jupyterFile(redactor: Redactor) throws(NotebookError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return try [UInt8](encoder.encode(JupyterFile(self, redactor: redactor))) + [UInt8(ascii: "\n")]
        } catch {
            throw NotebookError(.unwritableFile, "The notebook \(notebook.name) cannot be put into JSON.")
        }
    }
}

/// A notebook in the form of nbformat 4.5.
private struct JupyterFile: Encodable {
    struct Kernel: Encodable {
        var name = "swift"
        var displayName = "Swift"
        var language = "swift"

        enum CodingKeys: String, CodingKey {
            case name
            case displayName = "display_name"
            case language
        }
    }

    struct Language: Encodable {
        var name = "swift"
        var fileExtension = ".swift"
        var mimeType = "text/x-swift"

        enum CodingKeys: String, CodingKey {
            case name
            case fileExtension = "file_extension"
            case mimeType = "mimetype"
        }
    }

    struct Metadata: Encodable {
        var kernelspec = Kernel()
        var language = Language()

        enum CodingKeys: String, CodingKey {
            case kernelspec
            case language = "language_info"
        }
    }

    var cells: [JupyterCell]
    var metadata = Metadata()
    var format = 4
    var minorFormat = 5

    enum CodingKeys: String, CodingKey {
        case cells
        case metadata
        case format = "nbformat"
        case minorFormat = "nbformat_minor"
    }

    init(_ report: NotebookReport, redactor: Redactor) {
        var identifiers = JupyterIdentifiers()
        var executionCount = 0
        self.cells = report.cells.map { cell in
            if cell.state != .notRun { executionCount += 1 }
            return JupyterCell(
                cell,
                identifier: identifiers.next(for: cell.cell),
                executionCount: cell.state == .notRun ? nil : executionCount,
                redactor: redactor
            )
        }
    }
}

/// Gives every cell an identifier that no other cell has: its own, when it is a proper one.
private struct JupyterIdentifiers {
    private var used: Set<String> = []

    mutating func next(for cell: Notebook.Cell) -> String {
        var candidates = [cell.identifier].compactMap(\.self).filter(Self.isProper)
        candidates += ["cell-\(cell.number)"] + (1...).lazy.prefix(used.count + 1).map { "cell-\(cell.number)-\($0)" }
        let identifier = candidates.first { !used.contains($0) } ?? "cell-\(cell.number)"
        used.insert(identifier)
        return identifier
    }

    /// 1 to 64 letters, digits, hyphens and underscores.
    private static func isProper(_ identifier: String) -> Bool {
        (1...64).contains(identifier.utf8.count)
            && identifier.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default:
                    false
                }
            }
    }
}
