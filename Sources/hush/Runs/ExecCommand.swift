import ArgumentParser
import Foundation
import Glibc
import Redaction
import Runs
import SecretScopes

/// `hush exec`.
struct ExecCommand: ForwardingCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Execute any command with secrets within its reach and its output redacted.",
        discussion: """
            A variable whose whole value is {{secrets/<scope>/<key>}} is given the secret's value. The command also \
            finds the run's server in DATABRICKS_HOST and DATABRICKS_TOKEN, where any Databricks client reads secrets \
            with the permissions of the run's principal. Whatever it was given shows as [REDACTED] in its output. At \
            a terminal the command gets one of its own.

            The exit status is the command's own; 124 when the time was up, 126 when the command cannot be executed, \
            127 when it is not found.

            EXAMPLE:
              hush exec --as ana@example.com --env 'API_KEY={{secrets/payments/api-key}}' -- python3 job.py
            """
    )

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A variable for the command; may be repeated.", valueName: "name=value")
    )
    var env: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Variables from a file, a NAME=VALUE a line; may be repeated. Those of --env come before them.",
            valueName: "path"
        ),
        completion: .file()
    )
    var envFile: [String] = []

    @Flag(help: "Let the command put and delete secrets, as far as its principal may.")
    var allowWrite = false

    @OptionGroup var redaction: RedactionOptions
    @OptionGroup var isolation: IsolationOptions
    @OptionGroup var limits: RunLimits
    @OptionGroup var acting: PrincipalOptions
    @OptionGroup var workspace: WorkspaceOptions
    @OptionGroup var server: ServerOptions

    @Argument(parsing: .postTerminator, help: "The command and its arguments, behind --.")
    var command: [String] = []

    func run(in program: Program) async throws {
        guard !command.isEmpty else {
            throw UsageFailure("exec wants a command behind --. Write for example hush exec -- python3 job.py")
        }
        let limit = try limits.limit()
        let given = try GivenVariables(assignments: env, files: envFile).read()
        let origin = try await WorkspaceAccess(program, workspace, server).runOrigin(as: acting.principal)
        let isolation = try await isolation.make(
            workspace: origin.folder, keyFile: origin.keyFile, in: program)
        let options = RunOptions(
            surface: .command,
            allowsWriting: allowWrite,
            lifetime: try limits.tokenLifetime(),
            redaction: redaction.redact
        )
        let result = try await origin.starter.run(options) { run in
            let environment = try await run.childEnvironment(
                inheriting: ProcessInfo.processInfo.environment, adding: given)
            return try await execute(in: run, environment, isolation, limit, program)
        }
        if redaction.explain { explain(result, with: program) }
        switch result.ending.cause {
        case .program: break
        case .timeout: throw CommandFailure("The time was up. Raise --timeout.", status: ExitStatus.timedOut)
        case .cancellation: throw CancellationError()
        }
        guard result.ending.status == .exited(ExitStatus.success) else {
            throw PassedOnEnding(status: result.ending.status)
        }
    }

    private func execute(
        in run: Run,
        _ environment: ChildEnvironment,
        _ isolation: RunIsolation?,
        _ limit: Duration?,
        _ program: Program
    ) async throws -> CommandExecution.Result {
        let signals = try ChildSignals()
        var execution = CommandExecution(command, environment: environment)
        execution.standardInput = program.input == nil ? .empty : .inherited
        execution.terminal = terminal(of: program)
        execution.isolation = isolation
        execution.signals = signals
        execution.timeout = limit
        execution.isReporting = redaction.explain
        let rawTerminal = execution.terminal.flatMap { $0.takesInput ? $0.outer : nil }
        if Self.hasTerminal { execution.suspend = { Self.suspend(program, rawTerminal) } }
        do {
            if let rawTerminal { program.terminal.makeRaw(rawTerminal) }
            defer { program.terminal.restore() }
            return try await program.forwarding.passing(to: signals) { [execution] in
                try await execution.run(redactor: run.redactor)
            }
        } catch let error as ChildProcessError {
            throw failure(for: error)
        }
    }

    /// The terminal that the command gets: none, one for its output alone, or one at which it also reads.
    private func terminal(of program: Program) -> ChildTerminal? {
        guard program.output.isTerminal else { return nil }
        let input = program.input.flatMap { isatty($0) == 1 ? $0 : nil }
        return ChildTerminal(
            outer: input ?? program.output.descriptor,
            takesInput: input != nil,
            takesError: program.errors.isTerminal
        )
    }

    /// Whether a terminal controls this process, so that a shell may wait for it to stop and let it go on.
    private static var hasTerminal: Bool {
        let descriptor = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        close(descriptor)
        return true
    }

    /// Stops this process, as the shell that started it expects when what it started is stopped, until it is to go on.
    private static func suspend(_ program: Program, _ rawTerminal: Int32?) {
        guard let rawTerminal else {
            program.forwarding.stop(getpid())
            return
        }
        program.terminal.restore()
        // As the terminal would have done it: everybody who was started together.
        program.forwarding.stop(0)
        program.terminal.makeRaw(rawTerminal)
    }

    private func failure(for error: ChildProcessError) -> CommandFailure {
        let name = command[0]
        if case .systemCall("chdir", _) = error.reason {
            return CommandFailure("This folder is hidden from runs. Call hush from another one.")
        }
        guard let number = error.executionError else { return CommandFailure("The command failed to start: \(error).") }
        guard number == ENOENT || number == ENOTDIR else {
            return CommandFailure(
                "The command \(name) cannot be executed (\(String(cString: strerror(number)))). Check its mode.",
                status: ExitStatus.notExecutable
            )
        }
        guard !name.contains("/") || access(name, F_OK) != 0 else {
            return CommandFailure(
                "The command \(name) cannot be executed: the interpreter that its first line names is missing.",
                status: ExitStatus.notExecutable
            )
        }
        let hint = name.contains("/") ? "Check its path." : "Check its name and the PATH."
        return CommandFailure("The command \(name) was not found. \(hint)", status: ExitStatus.notFound)
    }

    private func explain(_ result: CommandExecution.Result, with program: Program) {
        let printer = ReportPrinter(errors: program.errors)
        printer.show(result.outputReport, in: "standard output")
        printer.show(result.errorReport, in: "standard error")
        printer.showIfEmpty([result.outputReport, result.errorReport])
    }
}
