import SecretMemory

// Linked scopes: the value is somewhere else, and getting it takes long. So the decision is made before, outside of any
// transaction, and compared again when the event is committed.

extension ScopeSession {
    /// How often an operation starts again because the link changed meanwhile.
    private static let attempts = 3
    /// Through how many links between servers a request may come.
    private static let deepestLinks = 3
    /// How long a caller waits for a vault at most, whatever the link allows.
    private static let patience = Duration.seconds(60)

    /// Reads a value through its scope's link; `nil` when the scope is not linked any more.
    func readLinked(scope: ScopeName, key: SecretName) async throws -> Secret? {
        try await useLink(.getSecret, requiring: .read, scope: scope, key: key) { use, vaults in
            let found = try await vaults.read(key, through: self.access(use))
            let secret = Secret(
                key: found.key, value: found.value, version: 0,
                minimumRedaction: max(use.scope.minimumRedaction, found.minimumRedaction))
            return LinkedOutcome(
                value: secret,
                parameters: [
                    ("vault_version", found.version), ("stale", found.isStale ? "true" : nil),
                    ("expired", found.isExpired ? "true" : nil),
                ])
        }
    }

    /// Lists a linked scope's names; `nil` when the scope is not linked.
    func listLinked(scope: ScopeName) async throws -> [SecretMetadata]? {
        try await useLink(.listSecrets, requiring: .read, scope: scope, key: nil) { use, vaults in
            let entries = try await vaults.list(through: self.access(use))
            return LinkedOutcome(
                value: entries.map { entry in
                    SecretMetadata(key: entry.key, lastUpdated: entry.updated ?? Timestamp(rawValue: 0))
                })
        }
    }

    /// Stores a value through its scope's link; `nil` when the scope is not linked.
    func putLinked(_ value: SecretBytes, scope: ScopeName, key: SecretName) async throws -> Void? {
        try await changeThroughLink(.putSecret, scope: scope, key: key) { use, vaults in
            let version = try await vaults.put(value, as: key, through: self.access(use))
            return LinkedOutcome(value: (), parameters: [("vault_version", version)])
        }
    }

    /// Deletes a secret through its scope's link; `nil` when the scope is not linked.
    func deleteLinked(scope: ScopeName, key: SecretName) async throws -> Void? {
        try await changeThroughLink(.deleteSecret, scope: scope, key: key) { use, vaults in
            try await vaults.delete(key, through: self.access(use))
            return LinkedOutcome(value: ())
        }
    }

    /// Tries a link; `nil` when the scope is not linked.
    func checkLinked(scope: ScopeName) async throws -> [LinkCheckStep]? {
        try await useLink(.checkScopeLink, requiring: .manage, scope: scope, key: nil) { use, vaults in
            LinkedOutcome(value: await vaults.check(through: self.access(use)))
        }
    }

    /// A change in a vault cannot be part of a transaction here. So one event tells that it begins, without which it does
    /// not, and another one how it ended.
    private func changeThroughLink(
        _ operation: Operation,
        scope: ScopeName,
        key: SecretName,
        _ change: @escaping @Sendable (LinkedUse, any LinkedVaults) async throws -> LinkedOutcome<Void>
    ) async throws -> Void? {
        let begun: Void? = try await useLink(operation, requiring: .write, scope: scope, key: key) { use, vaults in
            // A link that is read-only refuses at once.
            guard use.link.options["writable"] == "true" else { return try await change(use, vaults) }
            return LinkedOutcome(value: (), parameters: [("vault_phase", "begin")])
        }
        guard begun != nil else { return nil }
        return try await useLink(operation, requiring: .write, scope: scope, key: key) { use, vaults in
            var outcome = try await change(use, vaults)
            outcome.parameters.append(("vault_phase", "end"))
            return outcome
        }
    }

    // MARK: Deciding, doing, recording

    /// What was got from a vault, and what the record says of it.
    private struct LinkedOutcome<Value: Sendable>: Sendable {
        var value: Value
        var parameters: [(name: String, value: String?)] = []
    }

    /// Decides about a linked scope, does `work`, and hands its result over when the event is durable; starts again when
    /// the link changed meanwhile.
    ///
    /// - Returns: `nil` when the scope is a native one; then nothing is recorded.
    private func useLink<Value: Sendable>(
        _ operation: Operation,
        requiring permission: Permission,
        scope: ScopeName,
        key: SecretName?,
        _ work: @Sendable (LinkedUse, any LinkedVaults) async throws -> LinkedOutcome<Value>
    ) async throws -> Value? {
        let request = LinkedUse.Request(
            caller: caller, operation: operation, permission: permission, scope: scope, key: key)
        for _ in 0..<Self.attempts {
            let decided = decide(request)
            let result: Result<LinkedOutcome<Value>, any Error>
            switch decided.use {
            case .failure(let refusal): result = .failure(refusal)
            case .success(nil): return nil
            case .success(let use?):
                do {
                    try checkDepth(scope)
                    result = .success(try await work(use, engine.vaults))
                } catch is CancellationError {
                    result = .failure(ScopeError(.temporarilyUnavailable, "The call was cancelled."))
                } catch {
                    result = .failure(error)
                }
            }
            switch try await settle(request, decided, result) {
            case .done(let value): return value
            case .changed: continue
            }
        }
        return try await perform(operation, scope: scope.rawValue, key: key?.rawValue) { context in
            _ = try context.authorize()
            throw ScopeError(.temporarilyUnavailable, "The link of scope \(scope) changes again and again. Try again.")
        }
    }

    /// Throws when the request came through so many links between servers that they must lead in a circle.
    private func checkDepth(_ scope: ScopeName) throws(ScopeError) {
        guard caller.origin.linkDepth > Self.deepestLinks else { return }
        throw ScopeError(
            .badRequest,
            "The links of servers lead through scope \(scope) in a circle, or through more than \(Self.deepestLinks) servers. "
                + "Link the scope to where its values are.")
    }

    /// A decision outside of any transaction.
    private struct Decided: Sendable {
        /// As of which generation; `nil` when the store could not be asked.
        var generation: Int64?
        /// What is known of caller and scope.
        var event: AuditEvent
        /// The use, `nil` for a native scope, or the refusal.
        var use: Result<LinkedUse?, any Error>
    }

    /// Decides, from the cache alone where that has everything and the store has not changed.
    private func decide(_ request: LinkedUse.Request) -> Decided {
        let now = engine.clock.now()
        func decide(in view: some WorkspaceLookup) throws -> Decided {
            var event = request.event
            do {
                let use = try LinkedUse.decide(request, in: view, at: now, noting: &event)
                return Decided(generation: view.generation, event: event, use: .success(use))
            } catch let miss as CachedWorkspace.Miss {
                throw miss
            } catch {
                return Decided(generation: view.generation, event: event, use: .failure(error))
            }
        }
        do {
            return try engine.lookUp { try decide(in: $0) }
        } catch {
            return Decided(generation: nil, event: request.event, use: .failure(error))
        }
    }

    private enum Settlement<Value: Sendable>: Sendable {
        case done(Value)
        case changed
    }

    /// Commits the event of a use. If the workspace changed since the decision, decides again, and does not hand over what
    /// was got through a link that is another one by now.
    private func settle<Value: Sendable>(
        _ request: LinkedUse.Request,
        _ decided: Decided,
        _ result: Result<LinkedOutcome<Value>, any Error>
    ) async throws -> Settlement<Value> {
        let used = try? decided.use.get()
        var parameters = used?.parameters ?? []
        if case .success(let outcome) = result {
            parameters += outcome.parameters.compactMap { name, value in
                value.map { .init(name: name, value: AuditEvent.recordable($0)) }
            }
        }
        let told = encode(decided, parameters, result)
        return try await engine.committer.commit { [caller, parameters] batch in
            if let told, batch.isCurrent(told.generation, era: told.era), used?.isOver(at: batch.now) != true {
                try batch.record(told.event, by: caller)
                return told.result.map { .done($0) }
            }
            var event = request.event
            let again = Result { try LinkedUse.decide(request, in: batch.view, at: batch.now, noting: &event) }
            switch (used, again) {
            case (let used?, .success(let now)):
                guard let now, now.isSame(as: used) else { return .success(.changed) }
            case (nil, .success): return .success(.changed)
            case (_, .failure): break
            }
            event.parameters += parameters
            return try batch.process(event, by: caller) { _ in
                _ = try again.get()
                return .done(try result.get().value)
            }
        }
    }

    /// What stands in the record if a decision still counts when it is committed, and what the caller gets then.
    private struct ToldUse<Value: Sendable>: Sendable {
        var generation: Int64
        var event: EncodedEvent
        /// The era of the event's terms.
        var era: Int
        var result: Result<Value, any Error>
    }

    /// Encodes the event ahead of the transaction; `nil` when only that can do it.
    private func encode<Value: Sendable>(
        _ decided: Decided, _ parameters: [AuditEvent.Parameter], _ result: Result<LinkedOutcome<Value>, any Error>
    ) -> ToldUse<Value>? {
        guard let generation = decided.generation else { return nil }
        var event = decided.event
        event.parameters += parameters
        let answer: Result<Value, any Error>
        switch result {
        case .success(let outcome): answer = .success(outcome.value)
        case .failure(let error):
            // What the store cannot do, and rows that were altered, are looked at again inside.
            guard let refusal = error as? ScopeError else { return nil }
            event.error = refusal
            answer = .failure(refusal)
        }
        guard let (references, era) = engine.terms.references(of: event) else { return nil }
        return ToldUse(
            generation: generation, event: EncodedEvent(event, references), era: era, result: answer)
    }

    private func access(_ use: LinkedUse) -> LinkAccess {
        var read: (@Sendable () async throws -> SecretBytes)?
        if case .secret(let scope, let key) = use.link.credential {
            // A read like any other, with an event of its own: as the owner, on behalf of whoever reads. It is seldom asked for.
            read = { [engine, caller] in
                var origin = caller.origin
                origin.reason = "link of \(use.scope.name)"
                let owner = ScopeSession(
                    engine: engine,
                    caller: Caller(
                        principal: use.link.owner, credential: nil, allowedOperations: OperationSet([.getSecret]),
                        runBy: caller.runBy, origin: origin))
                return try await owner.getSecret(scope: scope.rawValue, key: key.rawValue).value
            }
        }
        return LinkAccess(
            scope: use.scope.row.id,
            scopeName: use.scope.name,
            link: use.link,
            revision: use.scope.row.code,
            credentialRevision: use.credential?.currentVersion,
            readCredential: read,
            deadline: .now + Self.patience,
            depth: caller.origin.linkDepth
        )
    }
}
