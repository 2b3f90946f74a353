internal import DatabricksAPI
internal import Hummingbird
internal import SecretMemory
internal import SecretScopes

/// Many changes or questions at once, for keeping scopes in manifests.
struct ChangeRoutes: Sendable {
    let reception: RequestReception

    func add(to router: some RouterMethods<ScopeRequestContext>) {
        let pool = reception.pool
        router.on(RouterPath(ChangeEndpoint.apply), method: .post) { request, context in
            try await reception.answerBody(
                of: request, context, asking: .applyChanges, limit: ChangeEndpoint.largestBody,
                tooLarge: ChangeEndpoint.tooLarge,
                { body throws(ScopeError) in try ChangeWire.changes(json: body, pool: pool) }
            ) { services, changes in
                .json(ChangeWire.answer(try await services.apply(changes)))
            }
        }
        router.on(RouterPath(ComparisonEndpoint.contents), method: .post) { request, context in
            try await reception.answerBody(
                of: request, context, asking: .listACLs, ComparisonWire.contentsRequests(json:)
            ) { services, requests in
                .json(ComparisonWire.answer(try await services.contents(of: requests)))
            }
        }
        router.on(RouterPath(ComparisonEndpoint.compare), method: .post) { request, context in
            try await reception.answerBody(
                of: request, context, asking: .compareSecrets, limit: ComparisonEndpoint.largestBody,
                tooLarge: ComparisonEndpoint.tooLarge,
                { body throws(ScopeError) in try ComparisonWire.comparisons(json: body, pool: pool) }
            ) { services, requests in
                .json(ComparisonWire.answer(try await services.compare(requests)))
            }
        }
    }
}
