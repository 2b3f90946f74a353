import ArgumentParser
import DatabricksAPI
import SecretScopes
import Workspace

/// `hush audit events`.
struct EventsCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show events of the audit record.",
        discussion: """
            All conditions must hold. Moments are dates (2026-08-22), times (2026-08-22T10:30:00Z), or ages (90s, 30m, \
            12h, 7d). With -o json each event is one line in the form of Databricks' audit logs.

            EXAMPLE:
              hush audit events --scope payments --status 403 --since 7d
              hush audit events --follow -o json
            """
    )

    @Option(parsing: .unconditional, help: "Only events about this scope.")
    var scope: String?

    @Option(parsing: .unconditional, help: "Only events about the secret of this name.")
    var key: String?

    @Option(parsing: .unconditional, help: "Only what was asked for as this principal.")
    var principal: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Only events of the apply with this id.", valueName: "id"))
    var apply: String?

    @Option(parsing: .unconditional, help: "Only this action, such as getSecret.")
    var action: String?

    @Option(parsing: .unconditional, help: "Only this status: 200, 403, 404...")
    var status: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("Not before this moment.", valueName: "moment"))
    var since: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Before this moment.", valueName: "moment"))
    var until: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("At most so many, the newest ones.", valueName: "n"))
    var limit: Int?

    @Flag(help: "Go on and show events as they come.")
    var follow = false

    @OptionGroup var options: AuditOptions
    @OptionGroup var server: ServerOptions

    func run(in program: Program) async throws {
        let query = try query(now: SystemWallClock().now())
        let access = WorkspaceAccess(program, options.workspace, server)
        if let client = try await access.remote() {
            return try await show(query, of: client, on: program.output)
        }
        let workspace = try await access.open()
        let services = try access.services(of: workspace)
        var printer = EventPrinter(format: options.format.output, workspace: workspace.id, output: program.output)
        guard follow else {
            try printer.print(try await services.events(query))
            return
        }
        try printer.print([])
        for try await event in try await services.followEvents(query) {
            try printer.print([event])
        }
    }

    /// Shows events of a server.
    private func show(_ query: AuditQuery, of client: DatabricksClient, on output: TextOutput) async throws {
        guard follow else {
            let (workspace, events) = try await client.events(query)
            var printer = EventPrinter(format: options.format.output, workspace: workspace, output: output)
            return try printer.print(events)
        }
        let (workspace, portions) = try await client.followEvents(query)
        var printer = EventPrinter(format: options.format.output, workspace: workspace, output: output)
        try printer.print([])
        for try await events in portions {
            for event in events { try printer.print([event]) }
        }
    }

    private func query(now: Timestamp) throws -> AuditQuery {
        var query = AuditQuery()
        query.scope = scope
        query.key = key
        query.principal = principal
        query.apply = apply
        query.status = status
        query.since = try since.map { try moment($0, of: "--since", now: now) }
        query.until = try until.map { try moment($0, of: "--until", now: now) }
        if let action {
            guard let operation = Operation(actionName: action) else {
                let hint = NearestName.hint(among: Operation.allCases.map(\.actionName), to: action)
                throw UsageFailure(
                    "There is no action \"\(action)\".\(hint.isEmpty ? " One is getSecret, for example." : hint)")
            }
            query.operation = operation
        }
        if let limit {
            guard limit > 0 else { throw UsageFailure("--limit must be a positive number, not \(limit).") }
            query.limit = limit
        }
        return query
    }

    private func moment(_ text: String, of option: String, now: Timestamp) throws -> Timestamp {
        guard let moment = TimeText.timestamp(text, now: now) else {
            throw UsageFailure(
                "\(option) does not understand \"\(text)\". Use 2026-08-22, 2026-08-22T10:30:00Z, or an age such as 7d."
            )
        }
        return moment
    }
}
