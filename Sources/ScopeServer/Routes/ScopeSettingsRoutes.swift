internal import DatabricksAPI
internal import Hummingbird
internal import SecretScopes

/// What scopes have here and Databricks' do not: settings, and an explanation of who may do what.
struct ScopeSettingsRoutes: Sendable {
    let reception: RequestReception

    func add(to router: some RouterMethods<ScopeRequestContext>) {
        router.on(RouterPath(ScopeSettingsEndpoint.list), method: .get) { request, context in
            try await reception.answer(request, context, asking: .listScopes, { (_: QueryParameters) in }) {
                services, _ in
                .json(ScopeSettingsAnswer.scopes(try await services.listScopes()))
            }
        }
        router.on(RouterPath(ScopeSettingsEndpoint.setRedaction), method: .post) { request, context in
            try await reception.answerBody(
                of: request, context, asking: .setScopeRedaction, RedactionParameters.init(json:)
            ) { services, parameters in
                try await services.setMinimumRedaction(parameters.level, of: parameters.scope)
                return .json(Answer.done)
            }
        }
        router.on(RouterPath(AccessEndpoint.access), method: .get) { request, context in
            try await reception.answer(request, context, asking: .queryAccess, AccessParameters.init(query:)) {
                services, parameters in
                guard let principal = parameters.principal else {
                    return .json(AccessAnswer.access(try await services.access(to: parameters.scope)))
                }
                return .json(AccessAnswer.access([try await services.access(of: principal, to: parameters.scope)]))
            }
        }
    }
}
