internal import SecretJSON
public import SecretScopes

extension DatabricksClient {
    /// Makes a token and shows it this once: for the caller, or, for administrators, for a service principal.
    public func createToken(_ request: CreateTokenRequest) async throws -> IssuedToken {
        guard request.kind == .personalAccessToken, request.operations == nil else {
            throw ScopeError(.invalidParameterValue, "A server makes personal access tokens that are not limited.")
        }
        let caller = try await currentPrincipal()
        let owner = request.principal.map { Principal.named($0, .servicePrincipal) } ?? caller
        let path = request.principal == nil ? TokenEndpoint.create : TokenEndpoint.onBehalf
        let answer = try await call("POST", path, body: request.json)
        return try decode(answer) { body throws(AnswerNotUnderstood) in
            try AnswerDecoding.issuedToken(body, owner: owner, creator: caller.name, pool: pool)
        }
    }

    /// The personal access tokens of one's own, or, for administrators, of others.
    public func listTokens(of owner: TokenOwner) async throws -> [TokenDescription] {
        try await listed(of: owner).map(\.description)
    }

    /// Makes a token useless before the call returns.
    public func revokeToken(_ id: CredentialID) async throws {
        do {
            try await revoke(id.description)
        } catch let error as ScopeError where error.code == .resourceDoesNotExist {
            // Databricks' ids are longer; here they are known by their beginning.
            let longer = try await listed(of: .caller).first { $0.description.id == id && $0.wireID != id.description }
            guard let longer else { throw error }
            try await revoke(longer.wireID)
        }
    }

    private func revoke(_ wireID: String) async throws {
        _ = try await call("POST", TokenEndpoint.delete, body: .json { $0.member("token_id", wireID) })
    }

    private func listed(of owner: TokenOwner) async throws -> [ListedToken] {
        switch owner {
        case .caller:
            let caller = try await currentPrincipal()
            let answer = try await call("GET", TokenEndpoint.list)
            return try decode(answer) { body throws(AnswerNotUnderstood) in
                try AnswerDecoding.tokens(body, owner: caller)
            }
        case .principal(let name):
            return try await listed(of: .everybody).filter {
                $0.description.owner.name.lowercased() == name.lowercased()
            }
        case .everybody:
            let answer = try await call("GET", TokenEndpoint.manage)
            return try decode(answer) { body throws(AnswerNotUnderstood) in
                try AnswerDecoding.tokens(body, owner: nil)
            }
        }
    }
}
