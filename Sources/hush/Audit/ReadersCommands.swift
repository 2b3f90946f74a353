import ArgumentParser
import DatabricksAPI
import SecretScopes

/// `hush audit who-read`.
struct WhoReadCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "who-read",
        abstract: "Show who read a secret, and who was refused.",
        discussion: """
            Without a key it answers for every secret of the scope. A principal shows once for every way by which it \
            asked. Comparisons by hush plan and hush apply, which show no value but whether one is right, are counted \
            for the scope as a whole.

            EXAMPLE:
              hush audit who-read payments api-key
            """
    )

    @Argument(help: "The name of the scope.")
    var scope: String

    @Argument(help: "The name of the secret.")
    var key: String?

    @OptionGroup var options: AuditOptions
    @OptionGroup var server: ServerOptions

    func run(in program: Program) async throws {
        let access = WorkspaceAccess(program, options.workspace, server)
        let summaries: [ReadSummary]
        if let client = try await access.remote() {
            summaries = try await client.readers(scope: scope, key: key)
        } else {
            summaries = try await access.services().readers(scope: scope, key: key)
        }
        let columns: [ReadSummaryTable.Column] = key == nil ? [.key, .principal] : [.principal]
        try ReadSummaryTable(columns, summaries).print(options.format.output, to: program.output)
    }
}

/// `hush audit reads`.
struct ReadsCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "reads",
        abstract: "Show what a principal read, and what it was refused.",
        discussion: """
            EXAMPLE:
              hush audit reads ana@example.com
            """
    )

    @Argument(help: "A user by name, or a service principal by application id.")
    var principal: String

    @OptionGroup var options: AuditOptions
    @OptionGroup var server: ServerOptions

    func run(in program: Program) async throws {
        let access = WorkspaceAccess(program, options.workspace, server)
        let summaries: [ReadSummary]
        if let client = try await access.remote() {
            summaries = try await client.reads(by: principal)
        } else {
            summaries = try await access.services().reads(by: principal)
        }
        try ReadSummaryTable([.scope, .key], summaries).print(options.format.output, to: program.output)
    }
}

/// Summaries of reads, as a table or as JSON.
struct ReadSummaryTable {
    /// What a row begins with.
    enum Column: String {
        case scope = "Scope"
        case key = "Key"
        case principal = "Principal"
    }

    private let columns: [Column]
    private let summaries: [ReadSummary]

    init(_ columns: [Column], _ summaries: [ReadSummary]) {
        self.columns = columns
        self.summaries = summaries
    }

    func print(_ format: OutputFormat, to output: TextOutput) throws {
        switch format {
        case .text:
            var table = Table(columns.map(\.rawValue) + ["Reads", "Refusals", "First", "Last", "Through"])
            for summary in summaries {
                table.append(
                    columns.map { cell($0, of: summary) } + [
                        String(summary.reads), String(summary.refusals), TimeText.text(summary.first),
                        TimeText.text(summary.last), ChannelText.text(summary.surface, summary.notebook, summary.cell),
                    ]
                )
            }
            try output.write(table.takeText())
        case .json:
            try output.write(JSON.array(summaries.map { json(of: $0) }).indented)
        }
    }

    private func cell(_ column: Column, of summary: ReadSummary) -> String {
        switch column {
        case .scope: summary.scope
        // Values were compared with all of the scope's at once.
        case .key: summary.key.isEmpty ? "(comparison)" : summary.key
        case .principal: summary.principal
        }
    }

    private func json(of summary: ReadSummary) -> JSON {
        .object([
            ("scope", .text(summary.scope)),
            ("key", .text(summary.key)),
            ("principal", .text(summary.principal)),
            ("principal_id", .optional(summary.principalID?.description)),
            ("surface", .text(summary.surface.description)),
            ("notebook", .optional(summary.notebook)),
            ("cell", summary.cell.map { .integer(Int64($0)) } ?? .null),
            ("reads", .integer(summary.reads)),
            ("refusals", .integer(summary.refusals)),
            ("first", .integer(summary.first.rawValue)),
            ("last", .integer(summary.last.rawValue)),
        ])
    }
}
