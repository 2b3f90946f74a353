internal import Hummingbird
internal import Logging

/// Logs one line per request: method, route, status, id and duration. Never a header, a query or a body.
struct RequestLog: RouterMiddleware {
    private let clock = ContinuousClock()

    func handle(
        _ request: Request,
        context: ScopeRequestContext,
        next: (Request, ScopeRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = clock.now
        let response = try await next(request, context)
        context.logger.info(
            "request",
            metadata: [
                "method": .string(request.method.rawValue),
                // The route, not the path, in which a client may have put anything.
                "route": .string(context.endpointPath ?? ""),
                "status": .stringConvertible(response.status.code),
                "request_id": .string(context.requestID),
                "microseconds": .stringConvertible(Int((clock.now - start) / .microseconds(1))),
            ]
        )
        return response
    }
}
