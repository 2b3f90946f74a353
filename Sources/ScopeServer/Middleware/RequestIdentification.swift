internal import HTTPTypes
internal import Hummingbird
internal import SecretScopes

/// Gives every request an id, its own or a random one, and every answer the same id and a ban on keeping it.
struct RequestIdentification: RouterMiddleware {
    /// As much of an id as the audit record keeps.
    private static let longest = 64

    func handle(
        _ request: Request,
        context: ScopeRequestContext,
        next: (Request, ScopeRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.requestID = Self.id(of: request)
        var response = try await next(request, context)
        response.headers[named: "X-Request-Id"] = context.requestID
        response.headers[.cacheControl] = "no-store"
        return response
    }

    private static func id(of request: Request) -> String {
        if let id = request.headers[named: "X-Request-Id"], id.utf8.count <= longest, !id.isEmpty,
            id.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        {
            return id
        }
        var generator = SystemRandomNumberGenerator()
        return Identifier<Request>(high: generator.next(), low: generator.next()).description
    }
}
