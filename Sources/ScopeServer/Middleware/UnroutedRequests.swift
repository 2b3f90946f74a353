internal import Hummingbird
internal import SecretScopes

/// Refuses what no route answers, and puts it into the audit record: as one event of a known caller each, counted with the
/// other requests of strangers otherwise.
struct UnroutedRequests: RouterMiddleware {
    let reception: RequestReception

    func handle(
        _ request: Request,
        context: ScopeRequestContext,
        next: (Request, ScopeRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            let target = RequestTarget(method: request.method.rawValue, path: request.uri.path)
            try await reception.recordUnknownCall(request, context, target)
            throw ScopeError(.endpointNotFound, "No API found for '\(target.quotable)'.")
        }
    }
}
