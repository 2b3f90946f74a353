internal import Hummingbird

/// Counts every request.
struct RequestMetrics: RouterMiddleware {
    let metrics: ServerMetrics
    private let clock = ContinuousClock()

    /// What the router calls the route of a request that has none.
    private static let noRoute = "NotFound"

    init(metrics: ServerMetrics) {
        self.metrics = metrics
    }

    func handle(
        _ request: Request,
        context: ScopeRequestContext,
        next: (Request, ScopeRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = clock.now
        metrics.requestDidBegin()
        // What a route throws is an answer by now; only a broken connection ends here without a status.
        var status = 499
        defer {
            metrics.requestDidEnd(
                method: request.method.rawValue,
                route: context.endpointPath == Self.noRoute ? nil : context.endpointPath,
                status: status,
                after: clock.now - start
            )
        }
        let response = try await next(request, context)
        status = response.status.code
        return response
    }
}
