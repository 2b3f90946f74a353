internal import SecretJSON
internal import SecretScopes

extension AnswerDecoding {
    /// A page of events, the newest first, and where the next one begins.
    static func events(
        _ body: RawSpan
    ) throws(AnswerNotUnderstood) -> (workspace: WorkspaceID, events: [AuditEvent], next: Int64?) {
        let object = try AnswerObject(body)
        guard let workspace = WorkspaceID(try object.text("workspace_id", in: body)) else {
            throw AnswerNotUnderstood()
        }
        let events = try object.list("events", in: body, event)
        return (workspace, events, object.optionalText("next_page_token", in: body).flatMap { Int64($0) })
    }

    /// Events that came, and up to where the record was looked through.
    static func followed(
        _ body: RawSpan
    ) throws(AnswerNotUnderstood) -> (workspace: WorkspaceID, page: FollowedEvents) {
        let object = try AnswerObject(body)
        guard let workspace = WorkspaceID(try object.text("workspace_id", in: body)) else {
            throw AnswerNotUnderstood()
        }
        let events = try object.list("events", in: body, event)
        return (workspace, FollowedEvents(events: events, last: try object.integer("last", in: body)))
    }

    /// What a check found.
    static func verification(_ body: RawSpan) throws(AnswerNotUnderstood) -> AuditVerification {
        let object = try AnswerObject(body)
        var problems = object.texts("problems", in: body)
        if problems.isEmpty, object.members["intact"]?.kind != .boolean(true) {
            problems = ["The server does not say what is wrong."]
        }
        return AuditVerification(
            events: try object.integer("events", in: body),
            rows: try object.integer("rows", in: body),
            hash: try object.text("hash", in: body),
            problems: problems
        )
    }

    /// A checkpoint, whose signature is right.
    static func checkpoint(_ body: RawSpan) throws(AnswerNotUnderstood) -> AuditCheckpoint {
        let text = try AnswerObject(body).text("checkpoint", in: body)
        guard let checkpoint = AuditCheckpoint(text: text), checkpoint.hasValidSignature else {
            throw AnswerNotUnderstood()
        }
        return checkpoint
    }

    /// A page of reads, and how many come before the next one.
    static func reads(_ body: RawSpan) throws(AnswerNotUnderstood) -> (reads: [ReadSummary], next: Int?) {
        let object = try AnswerObject(body)
        let reads = try object.list("reads", in: body) { read, body throws(AnswerNotUnderstood) in
            ReadSummary(
                scope: try read.text("scope", in: body),
                key: try read.text("key", in: body),
                principal: try read.text("principal", in: body),
                principalID: read.optionalText("principal_id", in: body).flatMap { PrincipalID($0) },
                surface: try surface(read, body),
                notebook: read.optionalText("notebook", in: body),
                cell: read.members["cell"]?.integer(in: body).map { Int($0) },
                reads: try read.integer("reads", in: body),
                refusals: try read.integer("refusals", in: body),
                first: Timestamp(rawValue: try read.integer("first", in: body)),
                last: Timestamp(rawValue: try read.integer("last", in: body))
            )
        }
        return (reads, object.optionalText("next_page_token", in: body).flatMap { Int($0) })
    }

    private static func surface(
        _ object: AnswerObject, _ body: RawSpan
    ) throws(AnswerNotUnderstood) -> Surface {
        let name = try object.text("surface", in: body)
        guard let surface = Surface.allCases.first(where: { $0.description == name }) else {
            throw AnswerNotUnderstood()
        }
        return surface
    }

    /// An event as far as the wire tells of it: without ids and effects, and of an error without its code.
    private static func event(_ line: AnswerObject, _ body: RawSpan) throws(AnswerNotUnderstood) -> AuditEvent {
        guard let operation = Operation(actionName: try line.text("actionName", in: body)) else {
            throw AnswerNotUnderstood()
        }
        let channel = try line.object("channel", in: body)
        let response = try line.object("response", in: body)
        let status = Int(try response.integer("statusCode", in: body))
        let message = response.optionalText("errorMessage", in: body)
        var subject = AuditEvent.Subject(scopeNamed: nil, keyNamed: nil)
        var parameters: [AuditEvent.Parameter] = []
        for (name, value) in try line.object("requestParams", in: body).texts(in: body) {
            switch name {
            case "scope": subject.scope = value
            case "key": subject.key = value
            default: parameters.append(AuditEvent.Parameter(name, value))
            }
        }
        return AuditEvent(
            sequence: try line.integer("sequence", in: body),
            time: Timestamp(rawValue: try line.integer("timestamp", in: body)),
            operation: operation,
            actor: AuditEvent.Actor(
                name: try line.object("userIdentity", in: body).text("email", in: body),
                runBy: try line.object("identityMetadata", in: body).text("runBy", in: body)
            ),
            origin: AuditEvent.Origin(
                address: line.optionalText("sourceIPAddress", in: body),
                userAgent: line.optionalText("userAgent", in: body),
                session: line.optionalText("sessionId", in: body),
                apply: line.optionalText("applyId", in: body)
            ),
            channel: AuditEvent.Channel(
                through: try surface(channel, body),
                notebook: channel.optionalText("notebook", in: body),
                cell: channel.members["cell"]?.integer(in: body).map { Int($0) }
            ),
            subject: subject,
            parameters: parameters,
            error: status == 200 ? nil : ScopeError(code(forStatus: status), message ?? ""),
            requestID: line.optionalText("requestId", in: body)
        )
    }
}
