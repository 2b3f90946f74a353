/// What the compiler says about the first cells of a notebook, compiled together.
struct ProgramCheck: Sendable {
    var errors: [CellDiagnostic]
    /// The cells whose last expression has a value that nobody uses.
    var displayedCells: Set<Int> = []
    /// The names of types, with the cell that declares each; empty when there are errors.
    var typeNames: [(name: String, cell: Int)] = []
    /// The imports, with the cell that each stands in; empty when there are errors.
    var imports: [(text: String, cell: Int)] = []
    /// For the names of the top level, the first cell that declares each.
    var declaringCells: [String: Int] = [:]

    /// Whether the cells compile, as far as types go, and refer to nothing that a later one declares.
    var isClean: Bool { errors.isEmpty }

    /// Reads what checking `program` printed.
    ///
    /// - Parameters:
    ///   - diagnostics: The compiler's diagnostics.
    ///   - dump: The program's syntax tree; only needed when there are no errors.
    init(_ program: GeneratedProgram, diagnostics: [CellDiagnostic], dump: [UInt8]) throws(NotebookError) {
        self.errors = diagnostics.filter { $0.severity == .error }
        guard let syntax = try? SyntaxDumpReader.read(dump) else {
            if !errors.isEmpty { return }
            throw NotebookError(
                .compilerFailure,
                "The compiler's syntax tree cannot be read. Use a Swift 6.3 toolchain, which this version of hush knows."
            )
        }
        for item in syntax.items.reversed() {
            guard let name = item.name, let section = program.section(atOffset: item.start) else { continue }
            declaringCells[name] = section.cell.number
        }
        guard errors.isEmpty else { return }
        self.errors = Self.forwardReferences(in: syntax, program)
        self.displayedCells = Self.displayedCells(in: syntax, program, diagnostics)
        self.imports = syntax.items.filter { $0.kind == "import_decl" }.compactMap { item in
            guard let section = program.section(atOffset: item.start) else { return nil }
            let text = section.cell.source.utf8.dropFirst(item.start - section.bytes.lowerBound)
            let line = text.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: ";") }
            return (String(decoding: line, as: UTF8.self), section.cell.number)
        }
        self.typeNames = syntax.typeNames.compactMap { type in
            program.section(atOffset: type.offset).map { (type.name, $0.cell.number) }
        }
    }

    /// A variable that a later cell declares would be read before it has a value, and nothing would say so.
    private static func forwardReferences(in syntax: SyntaxDump, _ program: GeneratedProgram) -> [CellDiagnostic] {
        var errors: [CellDiagnostic] = []
        var seen: Set<SyntaxDump.Reference> = []
        for reference in syntax.references {
            guard let offset = syntax.declarations[reference.declaration], offset > reference.offset,
                let declaring = program.section(atOffset: offset),
                let section = program.section(atOffset: reference.offset),
                declaring.cell.number > section.cell.number, seen.insert(reference).inserted
            else { continue }
            errors.append(
                CellDiagnostic(
                    severity: .error,
                    message: "cannot find '\(reference.name)' in scope" + runsLater(declaring.cell.number),
                    position: position(of: reference.offset, in: section)
                )
            )
        }
        return errors
    }

    /// The end of a message about something that is not there yet.
    static func runsLater(_ cell: Int) -> String {
        "; cell \(cell), which declares it, runs later"
    }

    private static func position(
        of offset: Int,
        in section: GeneratedProgram.Section
    ) -> CellDiagnostic.Position {
        let before = section.cell.source.utf8.prefix(offset - section.bytes.lowerBound)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let column =
            before.count
            - (before.lastIndex(of: UInt8(ascii: "\n")).map {
                before.distance(from: before.startIndex, to: $0) + 1
            } ?? 0) + 1
        return CellDiagnostic.Position(cell: section.cell.number, line: line, column: column)
    }

    /// As in every notebook, the value of a cell's last expression is displayed; Swift says which values nobody uses.
    private static func displayedCells(
        in syntax: SyntaxDump,
        _ program: GeneratedProgram,
        _ diagnostics: [CellDiagnostic]
    ) -> Set<Int> {
        let unused = diagnostics.filter { $0.severity == .warning && $0.message.contains("unused") }
        var cells: Set<Int> = []
        for section in program.sections {
            let items = syntax.items.filter { section.bytes.contains($0.start) }
            guard let last = items.max(by: { $0.start < $1.start }), last.kind == "top_level_code_decl",
                last.elements.count == 1, last.elements[0].hasSuffix("_expr"),
                endsWithExpression(section, from: last.start)
            else { continue }
            let line = position(of: last.start, in: section).line
            let isUnused = unused.contains { warning in
                warning.position.map { $0.cell == section.cell.number && $0.line >= line } == true
            }
            if isUnused { cells.insert(section.cell.number) }
        }
        return cells
    }

    /// Whether the cell's last item, which begins at `offset`, is the end of its text: no semicolon, which says that
    /// the value is not wanted, and no directive, such as `#endif`.
    private static func endsWithExpression(_ section: GeneratedProgram.Section, from offset: Int) -> Bool {
        let text = String(
            decoding: section.cell.source.utf8.dropFirst(offset - section.bytes.lowerBound), as: UTF8.self)
        guard text.last(where: { !$0.isWhitespace }) != ";" else { return false }
        return !text.split(separator: "\n").contains { $0.drop(while: \.isWhitespace).hasPrefix("#e") }
    }
}
