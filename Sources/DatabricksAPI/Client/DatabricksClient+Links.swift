internal import SecretJSON
public import SecretScopes

extension DatabricksClient: LinkService {
    /// Creates a linked scope, or links one that is there.
    public func linkScope(_ request: LinkScopeRequest) async throws {
        _ = try await call("POST", LinkEndpoint.link, body: request.json)
    }

    /// Makes a linked scope a native one.
    public func unlinkScope(_ scope: String) async throws {
        _ = try await call("POST", LinkEndpoint.unlink, body: ScopeParameters(scope: scope).json)
    }

    /// What a scope is linked to.
    public func scopeLink(of scope: String) async throws -> ScopeLinkDescription? {
        try decode(
            try await call("GET", LinkEndpoint.link, query: ScopeParameters(scope: scope).query), AnswerDecoding.link)
    }

    /// Tries a link step by step.
    public func checkLink(of scope: String) async throws -> [LinkCheckStep] {
        try decode(
            try await call("POST", LinkEndpoint.check, body: ScopeParameters(scope: scope).json), AnswerDecoding.steps)
    }
}

extension AnswerDecoding {
    static func link(_ body: RawSpan) throws(AnswerNotUnderstood) -> ScopeLinkDescription? {
        let answer = try AnswerObject(body)
        guard answer.members["link"] != nil else { return nil }
        let link = try answer.object("link", in: body)
        guard let kind = VaultKind(named: try link.text("kind", in: body)) else { throw AnswerNotUnderstood() }
        var options: [String: String] = [:]
        if link.members["options"] != nil {
            for (name, value) in try link.object("options", in: body).texts(in: body) { options[name] = value }
        }
        return ScopeLinkDescription(
            kind: kind,
            address: try link.text("address", in: body),
            options: options,
            credential: link.optionalText("credential", in: body),
            owner: link.optionalText("owner", in: body),
            isWritable: link.members["writable"]?.kind == .boolean(true)
        )
    }

    static func steps(_ body: RawSpan) throws(AnswerNotUnderstood) -> [LinkCheckStep] {
        try AnswerObject(body).list("steps", in: body) { step, body throws(AnswerNotUnderstood) in
            LinkCheckStep(
                name: try step.text("name", in: body), detail: try step.text("detail", in: body),
                succeeded: step.members["succeeded"]?.kind == .boolean(true))
        }
    }
}
