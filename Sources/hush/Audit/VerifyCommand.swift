import ArgumentParser
import DatabricksAPI
import Glibc
import SecretScopes

/// `hush verify`, also to be found as `hush audit verify`.
struct VerifyCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that neither the audit record nor the store was altered.",
        discussion: """
            Checks the hash of every event, every row's authentication code, that every value can be opened, and that \
            the rows are just those that the events tell of: one that was put back or removed is named. Exits with 1 \
            when anything is wrong. A record that was cut or replaced as a whole shows only against a checkpoint that \
            was kept elsewhere.

            EXAMPLE:
              hush audit verify
              hush verify --against /media/stick/checkpoint-2026-08-22
            """
    )

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A checkpoint that the record must contain.", valueName: "path"),
        completion: .file()
    )
    var against: String?

    @OptionGroup var options: AuditOptions
    @OptionGroup var server: ServerOptions

    func run(in program: Program) async throws {
        let checkpoint = try against.map { try CheckpointFile(path: $0).read() }
        let result = try await verify(against: checkpoint, in: program)
        try report(result, to: program.output)
        guard result.isIntact else {
            let count = result.problems.count
            throw CommandFailure(
                "The workspace was altered: \(count == 1 ? "1 problem" : "\(count) problems"). "
                    + "Find out who can write to it, and restore a backup.")
        }
    }

    private func verify(against checkpoint: AuditCheckpoint?, in program: Program) async throws -> AuditVerification {
        let access = WorkspaceAccess(program, options.workspace, server)
        if let client = try await access.remote() { return try await client.verify(against: checkpoint) }
        let progress = ProgressLine(on: program.errors)
        defer { progress.clear() }
        return try await access.services().verify(against: checkpoint) { done, all in
            progress.show("Checked \(done) of \(all) events and rows")
        }
    }

    private func report(_ result: AuditVerification, to output: TextOutput) throws {
        switch options.format.output {
        case .text:
            for problem in result.problems { try output.write(TextOutput.printable(problem) + "\n") }
            try output.write(
                "Checked \(result.events) events and \(result.rows) rows: "
                    + (result.isIntact ? "intact.\n" : "\(result.problems.count) wrong.\n"))
            try output.write("The record ends with \(result.hash).\n")
        case .json:
            let document = JSON.object([
                ("intact", .boolean(result.isIntact)),
                ("events", .integer(result.events)),
                ("rows", .integer(result.rows)),
                ("hash", .text(result.hash)),
                ("problems", .array(result.problems.map { .text($0) })),
            ])
            try output.write(document.indented)
        }
    }
}
