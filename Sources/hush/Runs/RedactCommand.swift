import ArgumentParser
import Glibc
import Redaction
import Runs
import SecretScopes

/// `hush redact`.
struct RedactCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "redact",
        abstract: "Copy text, or anything else, with the values of secrets redacted.",
        discussion: """
            Reads files, or standard input when none is named, and writes standard output. The values are those of the \
            named scopes, else of all that the principal may read; each is recorded as read for the reason redact.

            With --check nothing is written: the exit status is 1 when a value was found, and standard error names \
            each with its file and line.

            EXAMPLE:
              journalctl -u billing | hush redact --scope payments > billing.log
              hush redact --check build.log
            """
    )

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Look for the values of this scope; may be repeated.", valueName: "scope")
    )
    var scope: [String] = []

    @Flag(help: "Only say whether something would be redacted, and where.")
    var check = false

    @OptionGroup var redaction: RedactionOptions
    @OptionGroup var acting: PrincipalOptions
    @OptionGroup var workspace: WorkspaceOptions
    @OptionGroup var server: ServerOptions

    @Argument(help: "The files to read; - is standard input.", completion: .file())
    var files: [String] = []

    func run(in program: Program) async throws {
        let secrets = try await WorkspaceAccess(program, workspace, server).secrets(
            as: acting.principal, reason: "redact")
        let redactor = Redactor(level: redaction.redact, pool: program.pool)
        let tooShort = try await ScopeValues(secrets: secrets, scopes: scope).add(to: redactor)
        let filter = RedactionFilter(redactor: redactor, isReporting: check || redaction.explain)
        let printer = ReportPrinter(errors: program.errors)
        if redaction.explain { printer.showTooShort(tooShort) }

        var failures: [CommandFailure] = []
        var reports: [RedactionReport] = []
        for file in files.isEmpty ? ["-"] : files {
            do {
                let report = try copy(file, through: filter, program)
                reports.append(report)
                if check { printer.showPlaces(report, in: file == "-" ? "standard input" : file) }
                if !check, redaction.explain { printer.show(report, in: file == "-" ? "standard input" : file) }
            } catch let failure as UnreadableFile {
                // The others are read all the same.
                failures.append(CommandFailure(failure.description))
                program.errors.writeMessage("Error: \(failure)")
            }
        }
        if redaction.explain { printer.showIfEmpty(reports) }
        let count = reports.reduce(0) { $0 + $1.count }
        guard failures.isEmpty, !check || count == 0 else {
            throw PassedOnEnding(status: .exited(ExitStatus.failure))
        }
    }

    private func copy(
        _ file: String,
        through filter: RedactionFilter,
        _ program: Program
    ) throws -> RedactionReport {
        guard file != "-" else {
            guard let input = program.input else { throw UnreadableFile(path: "standard input", number: EBADF) }
            return try filter.copy(input, named: "standard input", to: check ? nil : program.output)
        }
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw UnreadableFile(path: file, number: errno) }
        defer { close(descriptor) }
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        return try filter.copy(descriptor, named: file, to: check ? nil : program.output)
    }
}
