import SecretCrypto
import SecretMemory

extension ScopeSession: SecretService {
    /// Stores a value, replacing the one that is there. Needs WRITE.
    public func putSecret(_ request: PutSecretRequest) async throws {
        if let (scope, key) = linkedNames(request.scope, request.key),
            let value = try? request.value(in: engine.keys.pool),
            try await putLinked(value, scope: scope, key: key) != nil
        {
            return
        }
        let pool = engine.keys.pool
        try await perform(
            .putSecret(scope: request.scope, key: request.key, random: engine.random) { () throws(ScopeError) in
                try request.value(in: pool)
            })
    }

    /// Deletes a secret. Needs WRITE.
    public func deleteSecret(scope: String, key: String) async throws {
        if let (scopeName, name) = linkedNames(scope, key),
            try await deleteLinked(scope: scopeName, key: name) != nil
        {
            return
        }
        try await perform(.deleteSecret(scope: scope, key: key))
    }

    /// Lists the names of a scope's secrets, never their values. Needs READ.
    public func listSecrets(scope: String) async throws -> [SecretMetadata] {
        if isLinked(scope), let name = ScopeName(rawValue: scope), let entries = try await listLinked(scope: name) {
            return entries
        }
        return try await perform(EngineCall.listSecrets(scope: scope)).map { row in
            SecretMetadata(key: row.name, lastUpdated: row.updated)
        }
    }
}

extension EngineCall<Void> {
    /// Puts a value into a native scope.
    ///
    /// - Parameter value: Makes the bytes to store once the caller is known, or throws the API's refusal of them.
    static func putSecret(
        scope: String,
        key: String,
        expecting previous: Expectation<VersionID> = .anything,
        random: any RandomSource,
        value: @escaping @Sendable () throws(ScopeError) -> SecretBytes
    ) -> Self {
        Self(.putSecret, scope: scope, key: key) { context in
            let principal = try context.authorize()
            let value = try value()
            let name = try SecretName(validating: key)
            let scope = try context.scope(scope, requiring: .write, for: principal)
            try context.requireNative(scope)
            let present = try context.secret(name, in: scope)?.row
            try previous.check(present?.currentVersion, "The secret \(name) in scope \(scope.name)")
            if present == nil {
                guard try context.reader.secretCount(in: scope.row.id) < ScopeEngine.Limits.secretsPerScope else {
                    throw ScopeError(
                        .resourceLimitExceeded,
                        "Scope \(scope.name) has \(ScopeEngine.Limits.secretsPerScope) secrets, which is the most. "
                            + "Delete one first."
                    )
                }
            }
            try context.put(value, as: name, replacing: present, in: scope, random: random)
        }
    }

    /// Deletes a secret of a native scope.
    static func deleteSecret(
        scope: String, key: String, expecting previous: Expectation<VersionID> = .anything
    ) -> Self {
        Self(.deleteSecret, scope: scope, key: key) { context in
            let principal = try context.authorize()
            let (found, secret) = try context.secret(key, inScope: scope, requiring: .write, for: principal)
            try previous.check(secret.row.currentVersion, "The secret \(secret.row.name) in scope \(found.name)")
            try context.delete(secret.row, named: SecretName(validating: key))
        }
    }
}

extension ScopeSession {
    /// Whether there is a linked scope of that name at this moment. Says nothing about what the caller may.
    private func isLinked(_ scope: String) -> Bool {
        guard let name = ScopeName(rawValue: scope) else { return false }
        return (try? engine.lookUp { try $0.scope(name)?.link != nil }) ?? false
    }

    /// The names, when they keep to the grammar and the scope is a linked one.
    private func linkedNames(_ scope: String, _ key: String) -> (ScopeName, SecretName)? {
        guard let name = ScopeName(rawValue: scope), let key = SecretName(rawValue: key), isLinked(scope) else {
            return nil
        }
        return (name, key)
    }
}

extension OperationContext {
    /// Throws when the scope was linked a moment ago: its secrets are somewhere else.
    func requireNative(_ scope: ScopeEntry) throws(ScopeError) {
        guard scope.link == nil else {
            throw ScopeError(.temporarilyUnavailable, "Scope \(scope.name) was linked to a vault just now. Try again.")
        }
    }
}

extension PutSecretRequest {
    /// The bytes to store.
    fileprivate func value(in pool: SecretPool) throws(ScopeError) -> SecretBytes {
        let value: SecretBytes
        switch (stringValue, bytesValue) {
        case (let text?, nil): value = text
        case (nil, let encoded?):
            guard let decoded = encoded.withBytes({ Base64.decode($0, in: pool) }) else {
                throw ScopeError(.invalidParameterValue, "bytes_value is not valid base64.")
            }
            value = decoded
        case (nil, nil):
            throw ScopeError(.invalidParameterValue, "Exactly one of string_value and bytes_value must be given.")
        case (_?, _?):
            throw ScopeError(.malformedRequest, "Only one of string_value and bytes_value may be given.")
        }
        return try value.checkedAsValue()
    }
}

extension SecretBytes {
    /// Throws the API's refusal when it is larger than a value may be.
    func checkedAsValue() throws(ScopeError) -> SecretBytes {
        guard count <= ScopeEngine.Limits.valueBytes else {
            throw ScopeError(
                .invalidParameterValue,
                "The value has \(count) bytes; the most is \(ScopeEngine.Limits.valueBytes).")
        }
        return self
    }
}

extension OperationContext {
    /// Adds a version, makes it the current one, and deletes those that are too old; returns its number.
    @discardableResult
    func put(
        _ value: SecretBytes,
        as name: SecretName,
        replacing present: SecretRow?,
        in scope: ScopeEntry,
        random: any RandomSource
    ) throws -> Int64 {
        // A version's time is always later than that of the version before, also when the clock was set back.
        let updated = present.map { max(now, Timestamp(rawValue: $0.updated.rawValue + 1)) } ?? now
        var version = VersionRow(
            id: VersionID(random: random),
            scope: scope.row.id,
            secret: present?.id ?? SecretID(random: random),
            number: (present?.versionNumber ?? 0) + 1,
            created: updated,
            sealed: []
        )
        version.sealed = try value.withBytes { try keys.seal($0, as: version, of: scope.row) }
        let row = SecretRow(
            id: version.secret,
            scope: scope.row.id,
            name: present?.name ?? name.rawValue,
            currentVersion: version.id,
            versionNumber: version.number,
            updated: updated
        )
        event.subject.key = row.name
        event.subject.secretID = row.id
        event.version = .init(id: version.id, number: version.number)
        // The version refers to the secret, so a new secret's row comes first.
        try save(row, named: name)
        try insert(version)
        if version.number > Int64(ScopeEngine.Limits.keptVersions) {
            let ids = try reader.versionIDs(of: row.id)
            for id in ids.dropLast(ScopeEngine.Limits.keptVersions) { try delete(id, of: row) }
        }
        return version.number
    }
}
