/// Reads what the compiler prints in its LLVM style: `PATH:LINE:COLUMN: SEVERITY: MESSAGE`, then an excerpt.
///
/// A cell's text appears in excerpts and could look like such a line, but for the path, which no cell can know.
struct DiagnosticParser {
    /// The program's path on disk, and the cell that a line of it belongs to, with the line in the cell.
    struct File {
        var path: String
        var position: (Int) -> (cell: Int, line: Int)?
    }

    private let files: [File]

    init(files: [File]) {
        self.files = files
    }

    /// The diagnostics in `text`, with notes at what they belong to.
    func diagnostics(in text: String) -> [CellDiagnostic] {
        var diagnostics: [CellDiagnostic] = []
        for line in text.split(separator: "\n") {
            guard let diagnostic = diagnostic(line) else { continue }
            if diagnostic.severity == .note, !diagnostics.isEmpty {
                diagnostics[diagnostics.count - 1].notes.append(diagnostic)
            } else {
                diagnostics.append(diagnostic)
            }
        }
        return diagnostics
    }

    private func diagnostic(_ line: Substring) -> CellDiagnostic? {
        for file in files where line.hasPrefix("\(file.path):") {
            let fields = line.dropFirst(file.path.count + 1).split(separator: ":", maxSplits: 2)
            guard fields.count == 3, let number = Int(fields[0]), let column = Int(fields[1]),
                var diagnostic = message(fields[2])
            else { return nil }
            diagnostic.position = file.position(number).map {
                CellDiagnostic.Position(cell: $0.cell, line: $0.line, column: column)
            }
            return diagnostic
        }
        let noPlace = "<unknown>:0:"
        return line.hasPrefix(noPlace) ? message(line.dropFirst(noPlace.count)) : nil
    }

    private func message(_ text: Substring) -> CellDiagnostic? {
        let text = text.drop { $0 == " " }
        for severity in CellDiagnostic.Severity.allCases where text.hasPrefix("\(severity.rawValue): ") {
            return CellDiagnostic(
                severity: severity,
                message: String(text.dropFirst(severity.rawValue.count + 2))
            )
        }
        return nil
    }
}
