internal import Runs

/// Finds the first cell of a notebook that does not compile.
///
/// A cell fails when the cells up to it do not compile together and those before it do. That is what running them one
/// after the other would show, whatever later cells declare.
struct CellChecker {
    /// What is known when all is known.
    struct Result: Sendable {
        /// The cells before the first one that fails.
        var cells: [Notebook.Cell]
        /// Of those, the ones whose last expression is displayed.
        var displayedCells: Set<Int>
        /// The first cell that fails.
        var failure: CellFailure?
    }

    private let notebook: Notebook
    private let compilation: Compilation
    private let folder: WorkFolder
    private let cells: [Notebook.Cell]
    private var checks: [Int: ProgramCheck] = [:]

    init(_ notebook: Notebook, compilation: Compilation, folder: WorkFolder) {
        self.notebook = notebook
        self.compilation = compilation
        self.folder = folder
        self.cells = notebook.codeCells
    }

    /// Checks the cells of the notebook.
    ///
    /// - Throws: ``NotebookError`` when the compiler fails, ``NotebookInterruption``.
    mutating func run() async throws -> Result {
        // Both at once: most notebooks are in order, and then each is needed.
        async let whole = Self.check(cells.count, of: cells, notebook, compilation, folder)
        let unbalanced = try await unbalancedCell()
        var limit = cells.count
        if let unbalanced, let index = cells.firstIndex(where: { $0.number == unbalanced.cell }) {
            // What the compiler makes of the whole is of no use then.
            limit = index
        } else {
            checks[cells.count] = try await whole
        }
        let clean = limit == 0 ? 0 : try await cleanPrefix(upTo: limit)
        let displayed = clean == 0 ? [] : try await check(clean).displayedCells
        let kept = Array(cells[..<clean])
        guard clean < limit else { return Result(cells: kept, displayedCells: displayed, failure: unbalanced) }
        let failure = CellFailure(
            cell: cells[clean].number,
            diagnostics: diagnostics(try await check(clean + 1).errors, of: cells[clean].number)
        )
        return Result(cells: kept, displayedCells: displayed, failure: failure)
    }

    /// The number of cells that compile together, at most `limit`, such that with the next one they do not.
    private mutating func cleanPrefix(upTo limit: Int) async throws -> Int {
        var clean = 0
        var unclean = limit
        guard try await !check(limit).isClean else {
            guard let suspect = try await firstHiddenReference(upTo: limit) else { return limit }
            return try await cleanPrefix(upTo: suspect)
        }
        while unclean - clean > 1 {
            let probe = try await self.probe(clean: clean, unclean: unclean)
            if try await check(probe).isClean {
                clean = probe
            } else {
                unclean = probe
            }
        }
        return clean
    }

    /// Where to look next: at the first cell that the diagnostics name, else just before the end, else in the middle.
    private mutating func probe(clean: Int, unclean: Int) async throws -> Int {
        let named = try await check(unclean).errors.compactMap(\.position?.cell)
        let prefixes = named.compactMap { number in cells.firstIndex { $0.number == number } }.map { $0 + 1 }
        if let first = prefixes.filter({ $0 > clean && $0 < unclean }).min() { return first }
        return prefixes.contains(unclean) ? unclean - 1 : (clean + unclean) / 2
    }

    /// A prefix that uses a type which a later cell declares, or what a later cell imports. The syntax tree does not show
    /// such uses; but the type's name must stand in the cell, and most notebooks import in one place.
    private mutating func firstHiddenReference(upTo limit: Int) async throws -> Int? {
        let whole = try await check(limit)
        var suspects: Set<Int> = []
        for (index, cell) in cells[..<limit].enumerated() {
            let declaredLater = Set(whole.typeNames.filter { $0.cell > cell.number }.map(\.name))
            let names = declaredLater.subtracting(whole.typeNames.filter { $0.cell <= cell.number }.map(\.name))
            if !names.isEmpty, Self.words(of: cell.source).contains(where: { names.contains($0) }) {
                suspects.insert(index + 1)
            }
            let importedBefore = whole.imports.filter { $0.cell < cell.number }.map(\.text)
            let imports = Set(whole.imports.filter { $0.cell == cell.number }.map(\.text))
            if index > 0, !imports.subtracting(importedBefore).isEmpty { suspects.insert(index) }
        }
        for suspect in suspects.sorted() where try await !check(suspect).isClean {
            return suspect
        }
        return nil
    }

    private static func words(of text: String) -> [String] {
        text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
    }

    /// Of `errors`, those about the cell with the number `cell`; all, when they are about others. What a later cell
    /// declares is said to be there.
    private func diagnostics(_ errors: [CellDiagnostic], of cell: Int) -> [CellDiagnostic] {
        let own = errors.filter { $0.position?.cell == cell }
        let declaringCells = checks[cells.count]?.declaringCells ?? [:]
        return (own.isEmpty ? errors : own).map { error in
            let parts = error.message.split(separator: "'", omittingEmptySubsequences: false)
            guard parts.count == 3, ["cannot find ", "cannot find type "].contains(parts[0]), parts[2] == " in scope",
                let later = declaringCells[String(parts[1])], later > cell
            else { return error }
            var error = error
            error.message += ProgramCheck.runsLater(later)
            return error
        }
    }

    // MARK: The compiler

    private mutating func check(_ count: Int) async throws -> ProgramCheck {
        if let check = checks[count] { return check }
        let check = try await Self.check(count, of: cells, notebook, compilation, folder)
        checks[count] = check
        return check
    }

    private static func check(
        _ count: Int,
        of cells: [Notebook.Cell],
        _ notebook: Notebook,
        _ compilation: Compilation,
        _ folder: WorkFolder
    ) async throws -> ProgramCheck {
        let program = GeneratedProgram(Array(cells[..<count]), of: notebook.name, for: .check)
        let main = try folder.write(program.text, to: "check-\(count)/main.swift")
        let result = try await compilation.dumpSyntax(main)
        let parser = DiagnosticParser(program, at: main)
        let diagnostics = parser.diagnostics(in: result.errorText)
        try CompilerFailure.refuse(result, diagnostics)
        return try ProgramCheck(program, diagnostics: diagnostics, dump: result.output)
    }

    /// The first cell that cannot even be parsed for itself.
    private func unbalancedCell() async throws -> CellFailure? {
        var files: [DiagnosticParser.File] = []
        for cell in cells {
            let path = try folder.write(cell.source + "\n", to: "cell-\(cell.number).swift")
            files.append(DiagnosticParser.File(path: path) { line in (cell.number, line) })
        }
        guard !files.isEmpty else { return nil }
        let result = try await compilation.parse(files.map(\.path))
        let diagnostics = DiagnosticParser(files: files).diagnostics(in: result.errorText)
        try CompilerFailure.refuse(result, diagnostics)
        let errors = diagnostics.filter { $0.severity == .error && !Self.messagesAboutLibraries.contains($0.message) }
        guard let cell = errors.compactMap(\.position?.cell).min() else { return nil }
        return CellFailure(cell: cell, diagnostics: errors.filter { $0.position?.cell == cell })
    }

    /// What the compiler says about every statement outside of a function, as all files but one are a library's to it.
    private static let messagesAboutLibraries: Set = [
        "statements are not allowed at the top level", "expressions are not allowed at the top level",
    ]
}

extension DiagnosticParser {
    /// Reads diagnostics about `program` in the file at `path`.
    init(_ program: GeneratedProgram, at path: String) {
        self.init(files: [
            File(path: path) { line in program.position(line: line).map { ($0.section.cell.number, $0.line) } }
        ])
    }
}

/// Failures of the compiler that are no cell's.
enum CompilerFailure {
    /// - Throws: ``NotebookError`` when the compiler failed and named no cell.
    static func refuse(_ result: ToolRun.Result, _ diagnostics: [CellDiagnostic]) throws(NotebookError) {
        guard result.ending.status != .exited(0) else { return }
        let isAboutCells = diagnostics.contains { $0.severity == .error && $0.position != nil }
        guard !isAboutCells else { return }
        throw NotebookError(
            .compilerFailure,
            "The Swift compiler failed. \(Compilation.lastLines(of: result.errorText))"
        )
    }
}
