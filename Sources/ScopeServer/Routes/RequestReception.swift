internal import DatabricksAPI
internal import Hummingbird
internal import SecretMemory
internal import SecretScopes

/// What every request of a caller goes through: it is authenticated, then parsed, then answered by a service, in this
/// order, so that strangers learn nothing from how a request is parsed. A request of a known caller that cannot be
/// parsed stands in the audit record.
struct RequestReception: Sendable {
    let gateway: any ServiceGateway
    let pool: SecretPool
    let origin: @Sendable (RequestFacts) -> RequestOrigin

    /// Answers a request whose parameters are in its query or its path.
    func answer<Parameters: Sendable>(
        _ request: Request,
        _ context: ScopeRequestContext,
        asking operation: Operation,
        _ parameters: (QueryParameters) throws(ScopeError) -> Parameters,
        _ answer: (any WorkspaceServices, Parameters) async throws -> Response
    ) async throws -> Response {
        let services = try await services(for: request, context, asking: operation)
        let parsed: Parameters
        do throws(ScopeError) {
            parsed = try parameters(try QueryParameters(parsing: request.uri.query ?? ""))
        } catch {
            try await services.recordRefusal(of: operation, error: error)
            throw error
        }
        return try await answer(services, parsed)
    }

    /// Answers a request whose parameters are in its body.
    ///
    /// - Parameters:
    ///   - limit: The most bytes that are read.
    ///   - tooLarge: The refusal of a body that is larger.
    func answerBody<Parameters: Sendable>(
        of request: Request,
        _ context: ScopeRequestContext,
        asking operation: Operation,
        limit: Int = Endpoint.largestBody,
        tooLarge: ScopeError = ScopeError(
            .malformedRequest, "The request's body exceeds \(Endpoint.largestBody) bytes."),
        _ parameters: (RawSpan) throws(ScopeError) -> Parameters,
        _ answer: (any WorkspaceServices, Parameters) async throws -> Response
    ) async throws -> Response {
        let services = try await services(for: request, context, asking: operation)
        let parsed: Parameters
        do {
            let body = try await request.secretBody(limit: limit, pool: pool)
            parsed = try body.withBytes { body throws(ScopeError) in try parameters(body) }
        } catch let error as ScopeError {
            try await services.recordRefusal(of: operation, error: error)
            throw error
        } catch is BodyTooLarge {
            try await services.recordRefusal(of: operation, error: tooLarge)
            throw tooLarge
        } catch let error as UnreadableBody {
            let refusal = ScopeError(.malformedRequest, "The connection ended inside the request's body.")
            try await services.recordRefusal(of: operation, error: refusal)
            throw error
        }
        return try await answer(services, parsed)
    }

    /// Puts a request that no route answers into the audit record.
    func recordUnknownCall(_ request: Request, _ context: ScopeRequestContext, _ target: RequestTarget) async throws {
        let services: any WorkspaceServices
        do {
            let token = BearerToken.read(from: request.headers, pool: pool)
            services = try await gateway.services(forToken: token, origin: origin(RequestFacts(request, context)))
        } catch let error as ScopeError where error.code == .unauthenticated {
            // It was counted.
            return
        }
        try await services.recordUnknownCall(
            target.recordable, error: ScopeError(.endpointNotFound, "There is no such call."))
    }

    private func services(
        for request: Request, _ context: ScopeRequestContext, asking operation: Operation
    ) async throws -> any WorkspaceServices {
        let token = BearerToken.read(from: request.headers, pool: pool)
        let origin = origin(RequestFacts(request, context))
        guard let acting = request.headers[.actingAs] else {
            return try await gateway.services(forToken: token, origin: origin)
        }
        do {
            guard let gateway = gateway as? any ActingGateway else {
                throw ScopeError(.badRequest, "A run has one principal, and nobody acts as another one.")
            }
            let principal = try RequestClaims.principal(acting: acting)
            return try await gateway.services(forToken: token, actingAs: principal, origin: origin)
        } catch let error as ScopeError where error.code != .unauthenticated && error.code != .requestLimitExceeded {
            try await gateway.services(forToken: token, origin: origin).recordRefusal(of: operation, error: error)
            throw error
        }
    }
}
