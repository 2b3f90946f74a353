public import SecretScopes

extension DatabricksClient: ScopeSettingsService, AccessService {
    /// All scopes with their settings. Databricks workspaces have no such call.
    public func scopeSettings() async throws -> [SecretScope] {
        try decode(try await call("GET", ScopeSettingsEndpoint.list), AnswerDecoding.scopes)
    }

    /// Sets the least redaction that runs must apply to the scope's values.
    public func setMinimumRedaction(_ level: MinimumRedaction, of scope: String) async throws {
        let body = RedactionParameters(scope: scope, level: level).json
        _ = try await call("POST", ScopeSettingsEndpoint.setRedaction, body: body)
    }

    /// What a principal may do with a scope, and through which grants.
    public func access(of principal: String, to scope: String) async throws -> ScopeAccess {
        let list = try await access(AccessParameters(scope: scope, principal: principal))
        guard list.count == 1 else { throw notUnderstood }
        return list[0]
    }

    /// Everybody who may read a scope's secrets at this moment.
    public func access(to scope: String) async throws -> [ScopeAccess] {
        try await access(AccessParameters(scope: scope))
    }

    private func access(_ parameters: AccessParameters) async throws -> [ScopeAccess] {
        try decode(try await call("GET", AccessEndpoint.access, query: parameters.query), AnswerDecoding.access)
    }
}
