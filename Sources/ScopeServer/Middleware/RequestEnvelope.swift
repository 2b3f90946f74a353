internal import Hummingbird
internal import SecretScopes

/// What every request goes through around its route, in this order: it gets an id and its client's address, is counted
/// and logged; whatever goes wrong becomes an answer; and only exact paths reach a route.
///
/// One middleware and not one for each step: each would be one more asynchronous call, with copies of request, context
/// and answer, and all of them together took as long as reading a secret.
struct RequestEnvelope: RouterMiddleware {
    /// Records what no route answers.
    let unrouted: UnroutedRequests
    /// Whose word about their clients' addresses is taken.
    var proxies = TrustedProxies.none
    /// What counts the requests.
    var metrics: ServerMetrics?
    /// Slows down those who show wrong credentials.
    var throttle: LoginThrottle?

    private let clock = ContinuousClock()

    init(
        unrouted: UnroutedRequests, proxies: TrustedProxies = .none, metrics: ServerMetrics? = nil,
        throttle: LoginThrottle? = nil
    ) {
        self.unrouted = unrouted
        self.proxies = proxies
        self.metrics = metrics
        self.throttle = throttle
    }

    func handle(
        _ request: Request,
        context: ScopeRequestContext,
        next: (Request, ScopeRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = clock.now
        var context = context
        context.requestID = RequestIdentification.id(of: request)
        context.address = ForwardedAddress.address(of: request, context, trusting: proxies)
        metrics?.requestDidBegin()
        // What a route throws becomes an answer; only a broken connection ends here without a status.
        var status = 499
        defer { metrics?.requestDidEnd(request, context, status: status, after: clock.now - start) }
        var response: Response
        do {
            guard ExactPaths.isExact(request.uri.path) else { throw HTTPError(.notFound) }
            response = try await next(request, context)
        } catch {
            response = try await ErrorAnswers.response(to: request, context, recording: unrouted, error)
        }
        if let throttle { throttle.count(&response, context) }
        status = response.status.code
        RequestLog.write(request, context, status: status, after: clock.now - start)
        RequestIdentification.mark(&response, context)
        return response
    }
}
