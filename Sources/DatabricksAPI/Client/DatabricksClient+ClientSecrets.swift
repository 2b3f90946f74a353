internal import SecretJSON
internal import SecretMemory
public import SecretScopes

extension DatabricksClient {
    /// Makes a client secret for a service principal and shows it this once.
    public func createClientSecret(for applicationID: String, lifetime: Duration?) async throws -> IssuedToken {
        let owner = try await found(.servicePrincipal, named: applicationID)
        let creator = try await currentPrincipal().name
        let body = ClientSecretParameters(lifetime: lifetime).json
        let answer = try await call("POST", ClientSecretEndpoint.path(of: owner.wireID), body: body)
        return try decode(answer) { body throws(AnswerNotUnderstood) in
            try AnswerDecoding.issuedClientSecret(body, owner: owner.principal, creator: creator, pool: pool)
        }
    }

    /// The client secrets of a service principal.
    public func listClientSecrets(of applicationID: String) async throws -> [TokenDescription] {
        let owner = try await found(.servicePrincipal, named: applicationID)
        return try await clientSecrets(of: owner).map(\.description)
    }

    /// Makes a client secret, and every access token that came from it, useless before the call returns.
    public func deleteClientSecret(_ id: CredentialID, of applicationID: String) async throws {
        let owner = try await found(.servicePrincipal, named: applicationID)
        let secret = try await clientSecrets(of: owner).first { $0.description.id == id }
        guard let secret else {
            throw ScopeError(
                .resourceDoesNotExist, "There is no client secret \(id) of service principal \(owner.principal.name).")
        }
        _ = try await call("DELETE", ClientSecretEndpoint.path(of: owner.wireID) + "/" + secret.wireID)
    }

    private func clientSecrets(of owner: DirectoryMember) async throws -> [ListedToken] {
        let answer = try await call("GET", ClientSecretEndpoint.path(of: owner.wireID))
        return try decode(answer) { body throws(AnswerNotUnderstood) in
            try AnswerDecoding.clientSecrets(body, owner: owner.principal)
        }
    }
}

extension AnswerDecoding {
    fileprivate static func issuedClientSecret(
        _ body: RawSpan, owner: Principal, creator: String, pool: SecretPool
    ) throws(AnswerNotUnderstood) -> IssuedToken {
        let object = try AnswerObject(body)
        guard let value = object.members["secret"]?.secret(in: body, pool: pool) else { throw AnswerNotUnderstood() }
        var description = try clientSecret(object, body, owner: owner).description
        description.creator = creator
        return IssuedToken(description: description, value: value)
    }

    fileprivate static func clientSecrets(
        _ body: RawSpan, owner: Principal
    ) throws(AnswerNotUnderstood) -> [ListedToken] {
        try AnswerObject(body).list("secrets", in: body) { object, body throws(AnswerNotUnderstood) in
            try clientSecret(object, body, owner: owner)
        }
    }

    private static func clientSecret(
        _ object: AnswerObject, _ body: RawSpan, owner: Principal
    ) throws(AnswerNotUnderstood) -> ListedToken {
        func moment(_ name: String) -> Timestamp? {
            object.optionalText(name, in: body).flatMap { TimeText.timestamp($0, now: Timestamp(rawValue: 0)) }
        }
        let wireID = try object.text("id", in: body)
        guard
            let created = moment("create_time"),
            let id = CredentialID(wireID: wireID) ?? CredentialID(wireID: wireID.filter { $0 != "-" })
        else { throw AnswerNotUnderstood() }
        let description = TokenDescription(
            id: id,
            owner: owner,
            creator: object.optionalText("created_by_username", in: body),
            created: created,
            expires: moment("expire_time"),
            comment: "",
            operations: .all
        )
        return ListedToken(description: description, wireID: wireID)
    }
}
