public import Redaction
public import Runs

/// Runs notebooks: compiles their cells as one program, runs it as a child process, and follows it cell by cell.
///
/// ```swift
/// let notebook = try Notebook(contentsOf: "notebooks/daily-revenue.swift")
/// let runner = NotebookRunner(
///     toolchain: try SwiftToolchain.find(in: environment),
///     dbutils: try DBUtilsLocation.besideExecutable(),
///     cache: try NotebookBuildCache(folder: "\(home)/cache", authenticator: authenticator)
/// )
/// let report = try await runner.run(
///     notebook,
///     as: NotebookRun(environment: environmentOfTheRun, redactor: redactor, parameters: ["day": "2026-03-01"])
/// ) { event in
///     // show it
/// }
/// ```
public struct NotebookRunner: Sendable {
    private let toolchain: SwiftToolchain?
    private let dbutils: DBUtilsLocation
    private let cache: NotebookBuildCache

    /// Creates a runner.
    ///
    /// - Parameters:
    ///   - toolchain: The compiler; without one, only notebooks run that have been compiled before.
    ///   - dbutils: Where the compiled `DBUtils` is.
    ///   - cache: Where compiled notebooks are kept.
    public init(toolchain: SwiftToolchain?, dbutils: DBUtilsLocation, cache: NotebookBuildCache) {
        self.toolchain = toolchain
        self.dbutils = dbutils
        self.cache = cache
    }

    /// Runs `notebook` until its last cell, or until a cell fails or ends the run. When the task is cancelled, it is
    /// ended.
    ///
    /// - Parameters:
    ///   - notebook: The notebook.
    ///   - run: What the run is given and how it is limited.
    ///   - events: Is called with everything as it happens, one call at a time.
    /// - Returns: What came of it. A cell that fails is no error of this method.
    /// - Throws: ``NotebookError`` when the notebook could not be run at all.
    public func run(
        _ notebook: Notebook,
        as run: NotebookRun,
        events: @escaping @Sendable (NotebookEvent) -> Void
    ) async throws -> NotebookReport {
        do {
            return try await follow(notebook, as: run, events: events)
        } catch let error as NotebookError {
            // What the compiler says may quote the notebook.
            throw NotebookError(error.code, run.redactor.redact(error.message))
        }
    }

    private func follow(
        _ notebook: Notebook,
        as run: NotebookRun,
        events: @escaping @Sendable (NotebookEvent) -> Void
    ) async throws -> NotebookReport {
        let deadline = run.timeout.map { ContinuousClock.now + $0 }
        let folder = try WorkFolder(in: cache.temporary)
        let product: NotebookCompiler.Product
        do {
            product = try await compile(notebook, in: folder, deadline: deadline)
            if let deadline, deadline <= .now { throw NotebookInterruption.timeout }
            if Task.isCancelled { throw NotebookInterruption.cancellation }
        } catch let interruption as NotebookInterruption {
            let outcome: NotebookReport.Outcome =
                switch interruption {
                case .timeout: .timedOut(cell: nil)
                case .cancellation: .cancelled(cell: nil)
                }
            return NotebookReport(notebook: notebook, cells: Self.notRun(notebook), outcome: outcome)
        }
        return try await NotebookExecution(
            notebook: notebook,
            product: product,
            run: run,
            deadline: deadline,
            symbolizer: toolchain.map { Symbolizer(toolchain: $0, folder: folder) },
            events: events
        ).report()
    }

    private func compile(
        _ notebook: Notebook,
        in folder: WorkFolder,
        deadline: ContinuousClock.Instant?
    ) async throws -> NotebookCompiler.Product {
        let key = try NotebookBuildCache.key(for: notebook, dbutils: dbutils, toolchain: toolchain)
        if let program = cache.program(for: key) {
            return NotebookCompiler.Product(program: program, cells: notebook.codeCells, failure: nil)
        }
        guard let toolchain else {
            throw NotebookError(
                .missingCompiler,
                "The notebook \(notebook.name) has not been compiled before, and there is no Swift compiler. Install a "
                    + "Swift 6.3 toolchain from https://www.swift.org/install."
            )
        }
        let compilation = Compilation(
            toolchain: toolchain,
            dbutils: dbutils,
            moduleCache: cache.modules,
            temporaryFolder: folder.path,
            deadline: deadline
        )
        let product = try await NotebookCompiler(notebook, compilation: compilation, folder: folder).run()
        if let program = product.program, product.failure == nil { try cache.keep(program, for: key) }
        return product
    }

    private static func notRun(_ notebook: Notebook) -> [NotebookReport.CellReport] {
        notebook.cells.map { NotebookReport.CellReport(cell: $0) }
    }
}

/// What one run of a notebook is given, and how it is limited.
public struct NotebookRun: Sendable {
    /// The environment of the notebook's program.
    public var environment: ChildEnvironment
    /// Knows the values that must not show; more may be added while the notebook runs.
    public var redactor: Redactor
    /// What `dbutils.widgets.get` finds, by name.
    public var parameters: [String: String]
    /// The folder that the program starts in; `nil` for this process's own.
    public var directory: String?
    /// The namespaces that the program runs in; `nil` for this process's own.
    public var isolation: RunIsolation?
    /// How long compiling and running may take together; `nil` for as long as they like.
    public var timeout: Duration?
    /// Whether this process has no other child while the notebook's program runs; see
    /// ``Runs/ChildCommand/isOnlyChild``.
    public var isOnlyChild = false
    /// Whether to report what was redacted, which takes a look at every byte.
    public var isReporting = false
    /// Where the cell that runs now is told, before anything of it runs.
    public var currentCell: CurrentCell
    /// Whether a person follows the events on a terminal: what is held back because it may become a value is then
    /// released after a moment of silence, as far as it is short.
    public var isOnTerminal: Bool

    /// Creates a run.
    public init(
        environment: ChildEnvironment,
        redactor: Redactor,
        parameters: [String: String] = [:],
        directory: String? = nil,
        isolation: RunIsolation? = nil,
        timeout: Duration? = nil,
        currentCell: CurrentCell = CurrentCell(),
        isOnTerminal: Bool = false
    ) {
        self.environment = environment
        self.redactor = redactor
        self.parameters = parameters
        self.directory = directory
        self.isolation = isolation
        self.timeout = timeout
        self.currentCell = currentCell
        self.isOnTerminal = isOnTerminal
    }
}
