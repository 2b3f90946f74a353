import SecretScopes

/// Prints events as they come, as rows of a table or as lines of Databricks' audit logs.
struct EventPrinter {
    private let format: OutputFormat
    private let workspace: WorkspaceID
    private let output: TextOutput
    private var table = Table(["Time", "Action", "Principal", "Scope", "Key", "Status", "Through"])

    /// How many rows are printed at once, so that memory stays small however many there are.
    private static let rowsAtOnce = 1000

    init(format: OutputFormat, workspace: WorkspaceID, output: TextOutput) {
        self.format = format
        self.workspace = workspace
        self.output = output
    }

    /// Prints `events`; the first time, and even when there are none, the header of the table too.
    mutating func print(_ events: [AuditEvent]) throws {
        guard format == .text else {
            for event in events {
                try output.write(AuditLogLine(event, workspace: workspace).json.line + "\n")
            }
            return
        }
        for event in events {
            table.append([
                TimeText.text(event.time),
                event.operation.actionName,
                event.actor.name,
                event.subject.scope ?? "",
                event.subject.key ?? "",
                String(event.statusCode),
                ChannelText.text(event.channel.surface, event.channel.notebook, event.channel.cell)
                    + (event.origin.apply.map { ", apply \($0)" } ?? ""),
            ])
            if event.sequence.isMultiple(of: Int64(Self.rowsAtOnce)) { try output.write(table.takeText()) }
        }
        try output.write(table.takeText())
    }
}

/// Through what something was asked, in words.
enum ChannelText {
    /// For example `CLI`, or `notebook daily.swift, cell 3`.
    static func text(_ surface: Surface, _ notebook: String?, _ cell: Int?) -> String {
        var text = surface.description
        if let notebook { text += " \(notebook)" }
        if let cell { text += ", cell \(cell)" }
        return text
    }
}
