import SecretCrypto

extension ScopeSession: AuditService {
    /// The events that match, oldest first; with a limit, the newest ones.
    public func events(_ query: AuditQuery) async throws -> [AuditEvent] {
        let scope = try await authorizeQuery(.queryEvents, scope: query.scope, key: query.key)
        return try scanning { try EventScan(store: engine.store, query: query, scope: scope).newest() }
    }

    /// The events that match, and those that come, until the caller's task is cancelled.
    public func followEvents(_ query: AuditQuery) async throws -> AsyncThrowingStream<AuditEvent, any Error> {
        let scope = try await authorizeQuery(.queryEvents, scope: query.scope, key: query.key)
        let scan = EventScan(store: engine.store, query: query, scope: scope)
        let end = try scanning { try scan.end() }
        let known = try scanning { try scan.newest(before: end) }
        return AsyncThrowingStream { continuation in
            let task = Task {
                var next = end
                for event in known { continuation.yield(event) }
                do {
                    while true {
                        let (events, position) = try scan.following(next)
                        next = position
                        for event in events { continuation.yield(event) }
                        try await Task.sleep(for: .milliseconds(200))
                    }
                } catch is CancellationError {
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: ScopeError(describing: error))
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// The events that match and stand behind a position, or that come within `patience`.
    public func events(_ query: AuditQuery, after: Int64?, patience: Duration) async throws -> FollowedEvents {
        let scope = try await authorizeQuery(.queryEvents, scope: query.scope, key: query.key)
        let scan = EventScan(store: engine.store, query: query, scope: scope)
        let last = try scanning { try scan.end() } - 1
        guard let after else { return FollowedEvents(events: [], last: last) }
        let end = ContinuousClock.now + patience
        // Whoever names a position that there is not yet waits from the end on.
        var found = FollowedEvents(events: [], last: max(0, min(after, last)))
        while true {
            let (events, next) = try scanning { try scan.following(found.last + 1) }
            let isAtEnd = next == found.last + 1
            found.events += events
            found.last = next - 1
            if found.events.contains(where: { !isOwnQuestion($0) }) || ContinuousClock.now >= end { return found }
            if isAtEnd { try await Task.sleep(for: .milliseconds(200)) }
        }
    }

    private func isOwnQuestion(_ event: AuditEvent) -> Bool {
        event.operation == .queryEvents && event.actor.principal == caller.principal
            && event.origin.credential == caller.credential
    }

    /// Who read a secret, or any secret of a scope, and who was refused.
    public func readers(scope: String, key: String?) async throws -> [ReadSummary] {
        let id = try await perform(.queryReaders, scope: scope, key: key) { context in
            let id = try context.authorizeQuery(ofScope: scope)
            try context.requireHistory(ofScope: scope, key: key)
            return id
        }
        return try scanning { try ReadSummaryQuery(store: engine.store, scope: id).readers(scope: scope, key: key) }
    }

    /// What a principal read, and what it was refused.
    public func reads(by principal: String) async throws -> [ReadSummary] {
        try await perform(.queryReaders, parameters: [("principal", principal)]) { context in
            _ = try context.authorizeAdministrator()
            let name = try PrincipalName(validating: principal)
            let actors = try context.reader.terms(kind: .actor, lookup: name.folded, isPrefix: false)
            guard actors.isEmpty, try context.view.principal(named: name) == nil else { return }
            throw ScopeError(.resourceDoesNotExist, "There is no user or service principal \(name), and never was.")
        }
        return try scanning { try ReadSummaryQuery(store: engine.store).reads(by: principal) }
    }

    /// Checks the whole record, every row and every value.
    public func verify(
        against checkpoint: AuditCheckpoint?,
        progress: @Sendable (Int64, Int64) -> Void
    ) async throws -> AuditVerification {
        // A record whose head was altered can neither be added to nor asked for permission, and whoever can write the
        // file can take the local administrator out of `admins`. Whoever unwrapped the root key may check all the same.
        var problem: String?
        do {
            try await authorizeAudit(.verifyAudit)
        } catch let error as ScopeError where isLocalAdministrator && error.code != .temporarilyUnavailable {
            problem = error.message
        }
        return try withoutActuallyEscaping(progress) { progress in
            var result = try scanning {
                var verifier = WorkspaceVerifier(engine: engine, checkpoint: checkpoint, progress: progress)
                return try verifier.verify()
            }
            if let problem, !result.problems.contains(where: { problem.hasPrefix($0.prefix(24)) }) {
                result.problems.append(problem)
            }
            return result
        }
    }

    /// Whether the caller unwrapped the root key itself and acts as nobody else.
    private var isLocalAdministrator: Bool {
        caller.credential == nil && caller.principal == engine.localAdministrator
    }

    /// Signs the present end of the record.
    public func createCheckpoint() async throws -> AuditCheckpoint {
        try await perform(.createCheckpoint) { context in
            _ = try context.authorizeAdministrator()
            guard let head = try context.reader.head(), let row = try context.reader.auditKey(epoch: head.keyEpoch)
            else { throw IntegrityError(object: "the head of the audit record, which is missing,") }
            let key = try context.keys.signingKey(row)
            var checkpoint = AuditCheckpoint(
                workspace: context.keys.workspace,
                events: head.events,
                hash: head.hash,
                time: context.now,
                publicKey: key.publicKey,
                signature: []
            )
            checkpoint.signature = try key.sign(Array(checkpoint.statement.utf8).span.bytes)
            return checkpoint
        }
    }

    /// Decides about a question and returns the scope whose events alone the caller may see; `nil` for all of them.
    private func authorizeQuery(_ operation: Operation, scope: String?, key: String?) async throws -> ScopeID? {
        try await perform(operation, scope: scope, key: key) { try $0.authorizeQuery(ofScope: scope) }
    }

    private func authorizeAudit(
        _ operation: Operation,
        scope: String? = nil,
        key: String? = nil,
        parameters: [(name: String, value: String?)] = []
    ) async throws {
        try await perform(operation, scope: scope, key: key, parameters: parameters) { context in
            _ = try context.authorizeAdministrator()
        }
    }

    private func scanning<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            throw ScopeError(describing: error)
        }
    }
}

extension OperationContext {
    /// Throws unless the caller is an administrator, or has MANAGE on the scope that it asks about; then returns that
    /// one's id.
    fileprivate func authorizeQuery(ofScope text: String?) throws -> ScopeID? {
        let principal = try authorize()
        if principal.isAdministrator { return nil }
        guard
            let name = text.flatMap({ ScopeName(rawValue: $0) }), let scope = try view.scope(name),
            Decision.permission(of: principal, on: scope) == .manage
        else {
            throw ScopeError(
                .permissionDenied,
                "User \(principal.row.name) is not an administrator and has no MANAGE permission on the scope asked "
                    + "about, one of which \(event.operation.actionName) needs."
            )
        }
        event.subject.scope = scope.name.rawValue
        event.subject.scopeID = scope.row.id
        return scope.row.id
    }

    /// Throws when there is no such scope or key and nobody ever asked for its value: then the name is wrong.
    fileprivate func requireHistory(ofScope scope: String, key: String?) throws {
        let scopeName = try ScopeName(validating: scope)
        let name = try key.map { try SecretName(validating: $0) }
        let lookup = TermCoding.subjectLookup(scope: scope, key: key)
        let subjects = try reader.terms(kind: .subject, lookup: lookup, isPrefix: key == nil).map(\.id)
        guard try reader.readSummaries(subjects: subjects).isEmpty else { return }
        guard let known = try view.scope(scopeName) else {
            throw ScopeError(.resourceDoesNotExist, "Scope \(scopeName) does not exist!")
        }
        if let name, try view.secret(name, in: known) == nil {
            throw ScopeError(
                .resourceDoesNotExist, "Secret does not exist with scope: \(known.name) and key: \(name)")
        }
    }
}
