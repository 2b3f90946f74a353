public import SecretScopes

extension DatabricksClient {
    /// The events that match, oldest first; with a limit, the newest ones. Databricks workspaces have no such call.
    ///
    /// - Returns: The events, and the workspace whose they are.
    public func events(_ query: AuditQuery) async throws -> (workspace: WorkspaceID, events: [AuditEvent]) {
        let limit = query.limit ?? .max
        var found: [AuditEvent] = []
        var page = query
        while true {
            page.limit = min(limit - found.count, AuditEndpoint.largestPage)
            let answer = try await call("GET", AuditEndpoint.events, query: EventsQuery(page).parameters)
            let (workspace, events, next) = try decode(answer, AnswerDecoding.events)
            found += events
            guard let next, found.count < limit else { return (workspace, found.reversed()) }
            page.before = next
        }
    }

    /// Who read a secret, or any secret of a scope, and who was refused.
    public func readers(scope: String, key: String?) async throws -> [ReadSummary] {
        try await reads(.secrets(scope: scope, key: key), AuditEndpoint.whoRead)
    }

    /// What a principal read, and what it was refused.
    public func reads(by principal: String) async throws -> [ReadSummary] {
        try await reads(.principal(principal), AuditEndpoint.reads)
    }

    private func reads(_ subject: ReadsQuery.Subject, _ path: String) async throws -> [ReadSummary] {
        var found: [ReadSummary] = []
        var start = 0
        while true {
            let answer = try await call("GET", path, query: ReadsQuery(subject, start: start).parameters)
            let (reads, next) = try decode(answer, AnswerDecoding.reads)
            found += reads
            guard let next, next > start else { return found }
            start = next
        }
    }
}
