internal import DatabricksAPI
internal import Hummingbird
internal import SecretScopes

/// The links of scopes to external vaults.
struct LinkRoutes: Sendable {
    let reception: RequestReception

    func add(to router: some RouterMethods<ScopeRequestContext>) {
        router.on(RouterPath(LinkEndpoint.link), method: .get) { request, context in
            try await reception.answer(request, context, asking: .getScopeLink, ScopeParameters.init(query:)) {
                services, parameters in
                .json(LinkAnswer.link(try await services.scopeLink(of: parameters.scope)))
            }
        }
        router.on(RouterPath(LinkEndpoint.link), method: .post) { request, context in
            try await reception.answerBody(
                of: request, context, asking: .linkScope, LinkScopeRequest.init(json:)
            ) { services, link in
                try await services.linkScope(link)
                return .json(Answer.done)
            }
        }
        router.on(RouterPath(LinkEndpoint.unlink), method: .post) { request, context in
            try await reception.answerBody(
                of: request, context, asking: .unlinkScope, ScopeParameters.init(json:)
            ) { services, parameters in
                try await services.unlinkScope(parameters.scope)
                return .json(Answer.done)
            }
        }
        router.on(RouterPath(LinkEndpoint.check), method: .post) { request, context in
            try await reception.answerBody(
                of: request, context, asking: .checkScopeLink, ScopeParameters.init(json:)
            ) { services, parameters in
                .json(LinkAnswer.steps(try await services.checkLink(of: parameters.scope)))
            }
        }
    }
}
