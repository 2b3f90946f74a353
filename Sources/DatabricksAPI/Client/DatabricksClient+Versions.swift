public import SecretScopes

extension DatabricksClient: SecretVersionService {
    /// The versions of a secret that are kept. Databricks workspaces have no such call, and keep none.
    public func versions(scope: String, key: String) async throws -> [SecretVersion] {
        let query = SecretParameters(scope: scope, key: key).query
        return try decode(try await call("GET", VersionEndpoint.list, query: query), AnswerDecoding.versions)
    }

    /// Reads the value that a secret had in one of its versions.
    public func getSecret(scope: String, key: String, version: Int64) async throws -> Secret {
        let query = VersionParameters(scope: scope, key: key, version: version).query
        return try secret(in: try await call("GET", VersionEndpoint.get, query: query), version: version)
    }

    /// Makes the value of an earlier version the current one again.
    public func restoreSecret(scope: String, key: String, version: Int64) async throws -> Int64 {
        let body = VersionParameters(scope: scope, key: key, version: version).json
        return try decode(try await call("POST", VersionEndpoint.restore, body: body), AnswerDecoding.restoredVersion)
    }
}
