internal import HTTPTypes
internal import Hummingbird

/// Takes the client's address from what a trusted proxy says of it.
struct ForwardedAddress: RouterMiddleware {
    let proxies: TrustedProxies

    private static let header = HTTPField.Name("X-Forwarded-For")

    func handle(
        _ request: Request,
        context: ScopeRequestContext,
        next: (Request, ScopeRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let header = Self.header else { return try await next(request, context) }
        var context = context
        context.address = proxies.client(behind: context.address, lists: request.headers[values: header])
        return try await next(request, context)
    }
}
