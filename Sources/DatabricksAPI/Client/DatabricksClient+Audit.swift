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

    /// The events that match, and those that come, until the caller's task is cancelled.
    ///
    /// - Returns: The events in portions, oldest first, the first of them those that there are; and the workspace.
    public func followEvents(
        _ query: AuditQuery
    ) async throws -> (workspace: WorkspaceID, events: AsyncThrowingStream<[AuditEvent], any Error>) {
        let end = try await follow(FollowQuery(query, after: nil))
        var known = query
        known.before = end.page.last + 1
        let first = try await events(known).events
        let events = AsyncThrowingStream<[AuditEvent], any Error> { continuation in
            let task = Task {
                continuation.yield(first)
                var last = end.page.last
                do {
                    while true {
                        let page = try await self.follow(FollowQuery(query, after: last)).page
                        last = page.last
                        continuation.yield(page.events)
                        // Every question is recorded; one a second is enough to watch by.
                        try await Task.sleep(for: .seconds(1))
                    }
                } catch is CancellationError {
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
        return (end.workspace, events)
    }

    private func follow(_ query: FollowQuery) async throws -> (workspace: WorkspaceID, page: FollowedEvents) {
        try decode(try await call("GET", AuditEndpoint.follow, query: query.parameters), AnswerDecoding.followed)
    }

    /// Checks the whole record, every row and every value, which may take minutes.
    public func verify(against checkpoint: AuditCheckpoint?) async throws -> AuditVerification {
        let body = VerificationParameters(checkpoint: checkpoint).json
        let answer = try await call("POST", AuditEndpoint.verify, body: body, patience: .seconds(3600))
        return try decode(answer, AnswerDecoding.verification)
    }

    /// Signs the present end of the record.
    public func createCheckpoint() async throws -> AuditCheckpoint {
        try decode(try await call("POST", AuditEndpoint.checkpoint, body: .json { _ in }), AnswerDecoding.checkpoint)
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
