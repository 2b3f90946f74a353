internal import DatabricksAPI
internal import Hummingbird
internal import SecretMemory
internal import SecretScopes

/// Personal access tokens: one's own, and, for administrators, everybody's.
struct TokenRoutes: Sendable {
    let reception: RequestReception

    func add(to router: some RouterMethods<ScopeRequestContext>) {
        router.on(RouterPath(TokenEndpoint.create), method: .post) { request, context in
            try await create(request, context, onBehalf: false)
        }
        router.on(RouterPath(TokenEndpoint.onBehalf), method: .post) { request, context in
            try await create(request, context, onBehalf: true)
        }
        router.on(RouterPath(TokenEndpoint.list), method: .get) { request, context in
            try await reception.answer(request, context, asking: .listTokens, { (_: QueryParameters) in }) {
                services, _ in
                .json(TokenAnswer.tokens(try await services.listTokens(of: .caller), isManaged: false))
            }
        }
        router.on(RouterPath(TokenEndpoint.delete), method: .post) { request, context in
            try await reception.answerBody(
                of: request, context, asking: .revokeToken, CredentialID.init(json:)
            ) { services, id in
                try await services.revokeToken(id)
                return .json(Answer.done)
            }
        }
        router.on(RouterPath(TokenEndpoint.change), method: .patch) { request, context in
            let text = context.parameters.get("token_id") ?? ""
            return try await reception.answerBody(of: request, context, asking: .updateToken) {
                body throws(ScopeError) in
                (try CredentialID(validating: text), try TokenChange.comment(json: body))
            } _: { services, change in
                try await services.setComment(change.1, ofToken: change.0)
                return .json(Answer.done)
            }
        }
        addManagement(to: router)
    }

    private func addManagement(to router: some RouterMethods<ScopeRequestContext>) {
        router.on(RouterPath(TokenEndpoint.manage), method: .get) { request, context in
            try await reception.answer(request, context, asking: .listTokens, TokenFilter.init(query:)) {
                services, filter in
                let tokens = try await services.listTokens(of: .everybody)
                return .json(TokenAnswer.tokens(tokens.filter { filter.matches($0) }, isManaged: true))
            }
        }
        router.on(RouterPath(TokenEndpoint.manageOne), method: .get) { request, context in
            let text = context.parameters.get("token_id") ?? ""
            return try await reception.answer(request, context, asking: .listTokens) { _ throws(ScopeError) in
                try CredentialID(validating: text)
            } _: { services, id in
                guard let token = try await services.listTokens(of: .everybody).first(where: { $0.id == id }) else {
                    throw ScopeError(.resourceDoesNotExist, "There is no token \(id).")
                }
                return .json(TokenAnswer.token(token))
            }
        }
        router.on(RouterPath(TokenEndpoint.manageOne), method: .delete) { request, context in
            let text = context.parameters.get("token_id") ?? ""
            return try await reception.answer(request, context, asking: .revokeToken) { _ throws(ScopeError) in
                try CredentialID(validating: text)
            } _: { services, id in
                try await services.revokeToken(id)
                return .json(Answer.done)
            }
        }
    }

    private func create(
        _ request: Request, _ context: ScopeRequestContext, onBehalf: Bool
    ) async throws -> Response {
        try await reception.answerBody(of: request, context, asking: .createToken) { body throws(ScopeError) in
            try CreateTokenRequest(json: body, onBehalf: onBehalf)
        } _: { services, parameters in
            .json(TokenAnswer.issued(try await services.createToken(parameters), pool: reception.pool))
        }
    }
}

/// Which of everybody's tokens are asked for.
private struct TokenFilter: Sendable {
    var creator: String?

    init(query: QueryParameters) throws(ScopeError) {
        guard query["created_by_id"] == nil else {
            throw ScopeError(
                .invalidParameterValue, "Ids of creators are not numbers here. Use created_by_username.")
        }
        self.creator = query["created_by_username"]?.lowercased()
    }

    func matches(_ token: TokenDescription) -> Bool {
        creator == nil || token.creator?.lowercased() == creator
    }
}
