import SecretMemory

// The one read path: every way to read a value ends up here.

extension ScopeSession {
    /// Reads a value. Needs READ.
    public func getSecret(scope: String, key: String) async throws -> Secret {
        try await read(scope: scope, key: key, version: nil)
    }

    /// Reads the value that a secret had in one of its versions. Needs READ.
    public func getSecret(scope: String, key: String, version: Int64) async throws -> Secret {
        try await read(scope: scope, key: key, version: version)
    }

    private func read(scope: String, key: String, version: Int64?) async throws -> Secret {
        // 1. Resolve what the decision looks at, from caches where they have it.
        // 2. Decide.
        // 3. Fetch and open the value.
        // An earlier version is seldom asked for: that is all done inside the transaction.
        var prepared: PreparedRead?
        switch version == nil ? prepare(scope: scope, key: key) : .onlyInside {
        case .native(let read): prepared = read
        case .linked(let scope, let key):
            if let secret = try await readLinked(scope: scope, key: key) { return secret }
        case .onlyInside: break
        }
        // 4. Commit the event. If the workspace changed since 1, decide again inside the transaction.
        let secret = try await engine.committer.commit { [self, prepared] batch in
            guard let prepared, batch.isCurrent(prepared.generation, era: prepared.era), let told = prepared.event
            else {
                let event = AuditEvent(
                    .getSecret, by: caller, scope: scope, key: key,
                    parameters: [("version", version.map { String($0) })])
                return try batch.process(event, by: caller) { context in
                    try context.read(scope: scope, key: key, version: version, reusing: prepared?.secret)
                }
            }
            try batch.record(told, by: caller)
            return prepared.result
        }
        // 5. Hand over.
        return secret
    }

    private enum Preparation {
        case native(PreparedRead)
        case linked(ScopeName, SecretName)
        /// Only the transaction can tell, because a row that is needed was altered or the names break the grammar.
        case onlyInside
    }

    /// A decision that was made, and perhaps a value that was opened, as of one generation.
    private final class PreparedRead: Sendable {
        let generation: Int64
        /// The event that tells of it; `nil` when it uses a term for the first time, which only a transaction can add.
        let event: EncodedEvent?
        /// The era of the event's terms.
        let era: Int
        let result: Result<Secret, any Error>
        /// What was opened, with its version.
        let secret: OpenedSecret?

        init(
            generation: Int64, event: AuditEvent, terms: TermCache, result: Result<Secret, any Error>,
            secret: OpenedSecret? = nil
        ) {
            let references = terms.references(of: event)
            self.generation = generation
            self.event = references.map { EncodedEvent(event, $0.0) }
            self.era = references?.era ?? 0
            self.result = result
            self.secret = secret
        }
    }

    /// Does steps 1 to 3, unless the scope is a linked one.
    private func prepare(scope: String, key: String) -> Preparation {
        guard let scopeName = ScopeName(rawValue: scope), let name = SecretName(rawValue: key) else {
            return .onlyInside
        }
        let resolution: Resolution
        do {
            resolution =
                try engine.cache.resolution(
                    of: caller,
                    scope: scopeName.folded,
                    secret: name.folded
                )
                ?? engine.readView { try $0.resolution(of: caller, scope: scopeName, secret: name) }
        } catch {
            return .onlyInside
        }
        if resolution.scope?.link != nil { return .linked(scopeName, name) }
        var event = AuditEvent(
            .getSecret, by: caller, subject: .init(scope: scopeName.rawValue, key: name.rawValue))
        let reading = Reading(
            caller: caller, keys: engine.keys, now: engine.clock.now(), scopeName: scopeName, name: name)
        do {
            let opened = try reading.read(resolution, reusing: nil, noting: &event)
            return .native(
                PreparedRead(
                    generation: resolution.generation, event: event, terms: engine.terms,
                    result: .success(opened.secret), secret: opened))
        } catch {
            let refusal = ScopeError(describing: error)
            event.error = refusal
            event.version = nil
            return .native(
                PreparedRead(
                    generation: resolution.generation, event: event, terms: engine.terms, result: .failure(refusal)))
        }
    }
}

/// A value that was opened, and which version it is.
struct OpenedSecret: Sendable {
    var secret: Secret
    var version: VersionID
}

/// Decides about one read and opens the value.
private struct Reading {
    let caller: Caller
    let keys: WorkspaceKeys
    let now: Timestamp
    let scopeName: ScopeName
    let name: SecretName

    /// Fills in the event as it goes.
    ///
    /// - Parameter select: Finds the version that is wanted, which is the current one as a rule.
    func read(
        _ resolution: Resolution,
        reusing known: OpenedSecret?,
        noting event: inout AuditEvent,
        version select: (SecretEntry, ScopeEntry) throws -> VersionRow = { secret, _ in secret.version }
    ) throws -> OpenedSecret {
        event.actor.name = resolution.principal?.row.name ?? ""
        let principal = try Decision.authority(
            of: caller,
            principal: resolution.principal,
            holder: resolution.holder,
            credential: resolution.credential,
            for: .getSecret,
            at: now
        )
        guard let scope = resolution.scope else { throw missing }
        event.subject.scope = scope.name.rawValue
        event.subject.scopeID = scope.row.id
        if let secret = resolution.secret {
            event.subject.key = secret.row.name
            event.subject.secretID = secret.row.id
        }
        try Decision.require(.read, of: principal, on: scope)
        guard scope.link == nil else {
            throw ScopeError(
                .badRequest,
                "Scope \(scope.name) is linked to a vault, and its link selects the version. See `hush scopes show "
                    + "\(scope.name)`.")
        }
        guard let secret = resolution.secret else { throw missing }
        let version = try select(secret, scope)
        event.version = .init(id: version.id, number: version.number)
        if var known, known.version == version.id {
            known.secret.minimumRedaction = scope.minimumRedaction
            return known
        }
        let value = try keys.open(version, of: scope.row)
        return OpenedSecret(
            secret: Secret(
                key: secret.row.name, value: value, version: version.number,
                minimumRedaction: scope.minimumRedaction),
            version: version.id
        )
    }

    /// Databricks answers the same for a missing scope and a missing secret.
    private var missing: ScopeError {
        ScopeError(.resourceDoesNotExist, "Secret does not exist with scope: \(scopeName) and key: \(name)")
    }
}

extension OperationContext {
    /// Decides anew inside the transaction, and opens the value unless the known one is still the current version.
    fileprivate func read(
        scope: String, key: String, version number: Int64?, reusing known: OpenedSecret?
    ) throws -> Secret {
        let scopeName: ScopeName
        let name: SecretName
        do {
            scopeName = try ScopeName(validating: scope)
            name = try SecretName(validating: key)
        } catch {
            _ = try authorize()
            throw error
        }
        let resolution = try view.resolution(of: caller, scope: scopeName, secret: name)
        let reading = Reading(caller: caller, keys: keys, now: now, scopeName: scopeName, name: name)
        let opened = try reading.read(resolution, reusing: known, noting: &event) { secret, scope in
            try number.map { try version($0, of: secret, in: scope) } ?? secret.version
        }
        return opened.secret
    }
}
