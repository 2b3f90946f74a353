import SecretScopes

/// An event in the form in which Databricks delivers its audit logs, one JSON object per line.
///
/// Source: Databricks' audit log reference, schema version 2.0. `eventId`, `sequence` and the members of
/// `identityMetadata` and `channel` say what that form has no place for.
struct AuditLogLine {
    private static let schemaVersion = "2.0"

    let json: JSON

    init(_ event: AuditEvent, workspace: WorkspaceID) {
        var members: [(name: String, value: JSON)] = [
            ("version", .text(Self.schemaVersion)),
            ("timestamp", .integer(event.time.rawValue)),
            ("workspaceId", .text(workspace.description)),
            ("sourceIPAddress", .optional(event.origin.address)),
            ("userAgent", .optional(event.origin.userAgent)),
            ("sessionId", .optional(event.origin.session)),
            ("userIdentity", .object([("email", .text(event.actor.name)), ("subjectName", .null)])),
            ("serviceName", .text(event.operation.serviceName)),
            ("actionName", .text(event.operation.actionName)),
            ("requestId", .optional(event.requestID)),
            ("requestParams", .object(Self.parameters(of: event))),
            (
                "response",
                .object([
                    ("statusCode", .integer(Int64(event.statusCode))),
                    ("errorMessage", .optional(event.error?.message)),
                    ("result", .null),
                ])
            ),
            ("auditLevel", .text("WORKSPACE_LEVEL")),
            ("identityMetadata", .object([("runBy", .text(event.actor.runBy)), ("runAs", .text(event.actor.name))])),
            (
                "channel",
                .object([
                    ("surface", .text(event.channel.surface.description)),
                    ("notebook", .optional(event.channel.notebook)),
                    ("cell", event.channel.cell.map { .integer(Int64($0)) } ?? .null),
                ])
            ),
            ("eventId", .text("\(workspace)-\(event.sequence)")),
            ("sequence", .integer(event.sequence)),
        ]
        if let apply = event.origin.apply { members.append(("applyId", .text(apply))) }
        json = .object(members)
    }

    private static func parameters(of event: AuditEvent) -> [(name: String, value: JSON)] {
        var parameters: [(name: String, value: JSON)] = []
        if let scope = event.subject.scope { parameters.append(("scope", .text(scope))) }
        if let key = event.subject.key { parameters.append(("key", .text(key))) }
        parameters += event.parameters.map { ($0.name, .text($0.value)) }
        if let version = event.version { parameters.append(("version", .text(String(version.number)))) }
        return parameters
    }
}
