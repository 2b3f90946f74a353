import ArgumentParser
import Foundation
import NotebookRunner
import Runs
import SecretScopes

/// `hush run`.
struct RunCommand: CancellableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a notebook, with every output redacted.",
        discussion: """
            The notebook is Swift, in Databricks' source format or a .ipynb file. Its cells call \
            dbutils.secrets.get(scope:key:) as the principal of the run, with that principal's permissions; a value \
            that was read shows as [REDACTED] in whatever the notebook prints, displays or saves. The notebook starts \
            in its own folder.

            The exit status is 0 when every cell ran, 1 when one failed, and 124 when the time was up.

            EXAMPLE:
              hush run notebooks/daily-revenue.swift --as ana@example.com --save out.ipynb
            """
    )

    @Argument(help: "The notebook.", completion: .file(extensions: ["swift", "ipynb"]))
    var path: String

    @Option(
        name: .customLong("param"),
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("What dbutils.widgets.get finds; may be repeated.", valueName: "name=value")
    )
    var parameters: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Save the notebook with its outputs here.", valueName: "file.ipynb"),
        completion: .file(extensions: ["ipynb"])
    )
    var save: String?

    @OptionGroup var redaction: RedactionOptions
    @OptionGroup var isolation: IsolationOptions
    @OptionGroup var limits: RunLimits
    @OptionGroup var acting: PrincipalOptions
    @OptionGroup var workspace: WorkspaceOptions
    @OptionGroup var server: ServerOptions

    func run(in program: Program) async throws {
        let parameters = try namedParameters()
        let limit = try limits.limit()
        let notebook = try Notebook(contentsOf: path)
        let origin = try await WorkspaceAccess(program, workspace, server).runOrigin(as: acting.principal)
        let runner = NotebookRunner(
            toolchain: try? SwiftToolchain.find(in: ProcessInfo.processInfo.environment),
            dbutils: try DBUtilsLocation.besideExecutable(),
            cache: try NotebookBuildCache(folder: origin.notebooks, authenticator: origin.authenticator)
        )
        let isolation = try await isolation.make(
            workspace: origin.folder, keyFile: origin.keyFile, in: program)
        let printer = NotebookPrinter(program: program)
        let options = RunOptions(
            surface: .notebook,
            notebook: path,
            lifetime: try limits.tokenLifetime(),
            redaction: redaction.redact
        )
        let report = try await origin.starter.run(options) { run in
            let environment = try await run.childEnvironment(inheriting: ProcessInfo.processInfo.environment)
            var settings = NotebookRun(
                environment: environment,
                redactor: run.redactor,
                parameters: parameters,
                directory: Self.folder(of: path),
                isolation: isolation,
                timeout: limit,
                currentCell: run.currentCell,
                isOnTerminal: program.output.isTerminal
            )
            settings.isOnlyChild = true
            settings.isReporting = redaction.explain
            let task = Task { [settings] in
                try await runner.run(notebook, as: settings, events: { printer.show($0) })
            }
            // Nobody is there to see what the rest of the notebook shows.
            printer.onFailure { task.cancel() }
            let report = try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
            if let save { try report.save(to: save, redactor: run.redactor) }
            return report
        }
        try printer.finish()
        if redaction.explain { explain(report.redactions, with: program) }
        guard report.exitCode == ExitStatus.success else { throw Self.failure(of: report) }
    }

    private func namedParameters() throws -> [String: String] {
        var named: [String: String] = [:]
        for parameter in parameters {
            guard let equals = parameter.firstIndex(of: "="), equals != parameter.startIndex else {
                throw UsageFailure("--param wants NAME=VALUE. Write for example --param day=2026-11-02")
            }
            let name = String(parameter[..<equals])
            guard named.updateValue(String(parameter[parameter.index(after: equals)...]), forKey: name) == nil else {
                throw UsageFailure("--param names \(name) twice. Leave out one.")
            }
        }
        return named
    }

    private func explain(_ redactions: NotebookReport.Redactions?, with program: Program) {
        let printer = ReportPrinter(errors: program.errors)
        guard let redactions else { return printer.showIfEmpty([]) }
        printer.show(redactions.output, in: "standard output")
        printer.show(redactions.error, in: "standard error")
        printer.show(redactions.results, in: "results")
        printer.showIfEmpty([redactions.output, redactions.error, redactions.results])
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func failure(of report: NotebookReport) -> any Error {
        switch report.outcome {
        case .succeeded, .exited: CommandFailure("The notebook \(report.notebook.name) ended in an unknown way.")
        case .failed(let error):
            CommandFailure("Cell \(error.cell) of \(report.notebook.name) failed. The cells behind it were not run.")
        case .timedOut(let cell):
            CommandFailure(
                "The time was up \(cell.map { "in cell \($0)" } ?? "while the notebook was being compiled"). "
                    + "Raise --timeout.",
                status: ExitStatus.timedOut
            )
        case .cancelled: CancellationError()
        }
    }
}
