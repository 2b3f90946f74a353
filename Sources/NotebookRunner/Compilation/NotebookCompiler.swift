internal import Foundation
internal import Runs

/// Compiles notebooks.
struct NotebookCompiler {
    /// A notebook, ready to run as far as it goes.
    struct Product: Sendable {
        /// The program; `nil` when not even the first cell compiles, or there is none.
        var program: [UInt8]?
        /// The cells that the program runs.
        var cells: [Notebook.Cell]
        /// The cell that does not compile; the program ends before it.
        var failure: CellFailure?
    }

    private let notebook: Notebook
    private let compilation: Compilation
    private let folder: WorkFolder

    init(_ notebook: Notebook, compilation: Compilation, folder: WorkFolder) {
        self.notebook = notebook
        self.compilation = compilation
        self.folder = folder
    }

    /// Compiles the cells up to the first one that does not compile.
    ///
    /// - Throws: ``NotebookError`` when the compiler fails otherwise, ``NotebookInterruption``.
    func run() async throws -> Product {
        var checker = CellChecker(notebook, compilation: compilation, folder: folder)
        let checked = try await checker.run()
        var product = Product(program: nil, cells: checked.cells, failure: checked.failure)
        // Some errors show only when a program is compiled to the end; then the cells before it are what is left.
        while !product.cells.isEmpty {
            switch try await build(product.cells, displaying: checked.displayedCells) {
            case .success(let program):
                product.program = program
                return product
            case .failure(let error):
                product.failure = error.failure
                product.cells.removeAll { $0.number >= error.failure.cell }
            }
        }
        return product
    }

    private struct CellError: Error {
        var failure: CellFailure
    }

    private func build(
        _ cells: [Notebook.Cell],
        displaying displayedCells: Set<Int>
    ) async throws -> Result<[UInt8], CellError> {
        let program = GeneratedProgram(cells, of: notebook.name, for: .run(displayedCells: displayedCells))
        let main = try folder.write(program.text, to: "build/main.swift")
        let target = "\(folder.path)/program"
        let result = try await compilation.build(main, to: target)
        if result.ending.status == .exited(0) {
            guard let program = FileManager.default.contents(atPath: target) else {
                throw NotebookError(.compilerFailure, "The Swift compiler wrote no program.")
            }
            return .success([UInt8](program))
        }
        if let failure = try await failure(in: cells) { return .failure(CellError(failure: failure)) }
        // An expression may have a value that cannot be passed to a function.
        if !displayedCells.isEmpty { return try await build(cells, displaying: []) }
        throw NotebookError(
            .compilerFailure,
            "The notebook \(notebook.name) cannot be compiled. \(Compilation.lastLines(of: result.errorText))"
        )
    }

    /// The first cell that does not compile to the end.
    private func failure(in cells: [Notebook.Cell]) async throws -> CellFailure? {
        let program = GeneratedProgram(cells, of: notebook.name, for: .check)
        let main = try folder.write(program.text, to: "check/main.swift")
        let result = try await compilation.check(main)
        let errors = DiagnosticParser(program, at: main).diagnostics(in: result.errorText)
            .filter { $0.severity == .error }
        guard let cell = errors.compactMap(\.position?.cell).min() else { return nil }
        return CellFailure(cell: cell, diagnostics: errors.filter { $0.position?.cell == cell })
    }
}
