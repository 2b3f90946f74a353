import SecretMemory

// Linked scopes: the value is somewhere else, and getting it takes long. So the decision is made before, outside of any
// transaction, and compared again when the event is committed.

extension ScopeSession {
    /// How often an operation starts again because the link changed meanwhile.
    private static let attempts = 3
    /// How long a caller waits for a vault at most, whatever the link allows.
    private static let patience = Duration.seconds(60)

    /// Reads a value through its scope's link; `nil` when the scope is not linked any more.
    func readLinked(scope: ScopeName, key: SecretName) async throws -> Secret? {
        try await useLink(.getSecret, requiring: .read, scope: scope, key: key) { use, vaults in
            let found = try await vaults.read(key, through: self.access(use))
            let minimum = try ScopeSettings(of: use.scope.row).minimumRedaction
            let secret = Secret(key: found.key, value: found.value, version: 0, minimumRedaction: minimum)
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
        let request = LinkedUse.Request(caller: caller, operation: operation, permission: permission, scope: scope)
        for _ in 0..<Self.attempts {
            var event = AuditEvent(operation, by: caller, scope: scope.rawValue, key: key?.rawValue)
            let decided: LinkedUse
            do {
                let now = engine.clock.now()
                guard let use = try engine.readView({ try LinkedUse.decide(request, in: $0, at: now, noting: &event) })
                else { return nil }
                decided = use
            } catch {
                switch try await settle(request, event, nil, Result<LinkedOutcome<Value>, any Error>.failure(error)) {
                case .done(let value): return value
                case .changed: continue
                }
            }
            let result: Result<LinkedOutcome<Value>, any Error>
            do {
                result = .success(try await work(decided, engine.vaults))
            } catch is CancellationError {
                result = .failure(ScopeError(.temporarilyUnavailable, "The call was cancelled."))
            } catch {
                result = .failure(error)
            }
            switch try await settle(request, event, decided, result) {
            case .done(let value): return value
            case .changed: continue
            }
        }
        return try await perform(operation, scope: scope.rawValue, key: key?.rawValue) { context in
            _ = try context.authorize()
            throw ScopeError(.temporarilyUnavailable, "The link of scope \(scope) changes again and again. Try again.")
        }
    }

    private enum Settlement<Value: Sendable>: Sendable {
        case done(Value)
        case changed
    }

    /// Commits the event of a use, unless the link is not the one any more that was used.
    private func settle<Value: Sendable>(
        _ request: LinkedUse.Request,
        _ event: AuditEvent,
        _ used: LinkedUse?,
        _ result: Result<LinkedOutcome<Value>, any Error>
    ) async throws -> Settlement<Value> {
        try await engine.committer.commit { [caller] batch in
            var event = event
            let again = Result { try LinkedUse.decide(request, in: batch.view, at: batch.now, noting: &event) }
            switch (used, again) {
            case (let used?, .success(let now)):
                guard let now, now.isSame(as: used) else { return .success(.changed) }
            case (nil, .success): return .success(.changed)
            case (_, .failure): break
            }
            event.parameters += used?.parameters ?? []
            if case .success(let outcome) = result {
                event.parameters += outcome.parameters.compactMap { name, value in
                    value.map { .init(name: name, value: AuditEvent.recordable($0)) }
                }
            }
            return try batch.process(event, by: caller) { _ in
                _ = try again.get()
                return .done(try result.get().value)
            }
        }
    }

    private func access(_ use: LinkedUse) -> LinkAccess {
        var read: (@Sendable () async throws -> SecretBytes)?
        if case .secret(let scope, let key) = use.link.credential {
            // A read like any other, with an event of its own: as the owner, on behalf of whoever reads.
            var origin = caller.origin
            origin.reason = "link of \(use.scope.name)"
            let owner = ScopeSession(
                engine: engine,
                caller: Caller(
                    principal: use.link.owner, credential: nil, allowedOperations: OperationSet([.getSecret]),
                    runBy: caller.runBy, origin: origin))
            read = { try await owner.getSecret(scope: scope.rawValue, key: key.rawValue).value }
        }
        return LinkAccess(
            scope: use.scope.row.id,
            scopeName: use.scope.name,
            link: use.link,
            revision: use.scope.row.code,
            credentialRevision: use.credential?.currentVersion,
            readCredential: read,
            deadline: .now + Self.patience
        )
    }
}
