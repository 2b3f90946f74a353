internal import SecretMemory
public import SecretScopes

extension DatabricksClient: SecretService {
    /// Creates a scope.
    public func createScope(_ request: CreateScopeRequest) async throws {
        try await post(.createScope, request.json)
    }

    /// Deletes a scope with its secrets and its ACL.
    public func deleteScope(_ scope: String) async throws {
        try await post(.deleteScope, ScopeParameters(scope: scope).json)
    }

    /// Lists all scopes by name.
    public func listScopes() async throws -> [SecretScope] {
        try decode(try await get(.listScopes), AnswerDecoding.scopes)
    }

    /// Stores a value, replacing the one that is there.
    public func putSecret(_ request: PutSecretRequest) async throws {
        var body = SecretBuffer(in: pool)
        try request.appendJSON(to: &body)
        _ = try await send("POST", Endpoint.putSecret.path, body: body.finish())
    }

    /// Deletes a secret.
    public func deleteSecret(scope: String, key: String) async throws {
        try await post(.deleteSecret, SecretParameters(scope: scope, key: key).json)
    }

    /// Lists the names of a scope's secrets.
    public func listSecrets(scope: String) async throws -> [SecretMetadata] {
        try decode(try await get(.listSecrets, ScopeParameters(scope: scope).query), AnswerDecoding.secrets)
    }

    /// Reads a value. Its version is not told over the wire and so is 0.
    public func getSecret(scope: String, key: String) async throws -> Secret {
        try secret(in: try await get(.getSecret, SecretParameters(scope: scope, key: key).query), version: 0)
    }

    /// The secret that an answer holds.
    func secret(in answer: HTTPAnswer, version: Int64) throws -> Secret {
        var secret = try decode(answer) { body throws(AnswerNotUnderstood) in
            try AnswerDecoding.secret(body, pool: pool)
        }
        secret.version = version
        if let level = answer.headers[ValueAnswer.minimumRedactionHeader.description.lowercased()] {
            // A level that is not known here is more than any that is.
            secret.minimumRedaction = MinimumRedaction(named: level) ?? .strict
        }
        return secret
    }

    /// Grants a permission, replacing what the principal was granted before.
    public func putACL(scope: String, principal: String, permission: String) async throws {
        let parameters = PutACLParameters(scope: scope, principal: principal, permission: permission)
        try await post(.putACL, parameters.json)
    }

    /// Takes away what a principal was granted.
    public func deleteACL(scope: String, principal: String) async throws {
        try await post(.deleteACL, ACLParameters(scope: scope, principal: principal).json)
    }

    /// What a principal was granted directly.
    public func getACL(scope: String, principal: String) async throws -> ACLItem {
        try decode(try await get(.getACL, ACLParameters(scope: scope, principal: principal).query), AnswerDecoding.acl)
    }

    /// Everything that was granted, by principal.
    public func listACLs(scope: String) async throws -> [ACLItem] {
        try decode(try await get(.listACLs, ScopeParameters(scope: scope).query), AnswerDecoding.acls)
    }

    private func get(_ endpoint: Endpoint, _ query: QueryParameters = QueryParameters()) async throws -> HTTPAnswer {
        try await call("GET", endpoint.path, query: query)
    }

    private func post(_ endpoint: Endpoint, _ body: [UInt8]) async throws {
        _ = try await call("POST", endpoint.path, body: body)
    }
}
