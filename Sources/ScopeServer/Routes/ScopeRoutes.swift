internal import DatabricksAPI
public import Hummingbird
public import SecretMemory
public import SecretScopes

/// The Databricks Secrets API over the services: the eleven operations, `Me`, and the document that clients ask for
/// first.
///
/// Each request is authenticated, then parsed, then answered by the service.
///
/// ```swift
/// let routes = ScopeRoutes(gateway: gateway, workspace: id, pool: pool) { facts in
///     RequestOrigin(surface: .rest, address: facts.address, userAgent: facts.userAgent, requestID: facts.requestID)
/// }
/// let router = routes.makeRouter()
/// ```
public struct ScopeRoutes: Sendable {
    private let reception: RequestReception
    private let workspace: Int64
    private let links: ServerOrigin

    /// Creates the routes.
    ///
    /// - Parameters:
    ///   - gateway: Turns tokens into services.
    ///   - workspace: The workspace, of which clients are told a number.
    ///   - pool: Where request bodies and values live.
    ///   - links: Under which address clients reach the server.
    ///   - origin: Turns what is known of a request into what the audit record says of its origin.
    public init(
        gateway: any ServiceGateway,
        workspace: WorkspaceID,
        pool: SecretPool,
        links: ServerOrigin = .asRequested(isSecure: false),
        origin: @escaping @Sendable (RequestFacts) -> RequestOrigin
    ) {
        self.init(
            gateway: gateway, workspaceNumber: Answer.number(of: workspace), pool: pool, links: links, origin: origin)
    }

    /// Creates the routes of a workspace of which no more than its number is known.
    public init(
        gateway: any ServiceGateway,
        workspaceNumber: Int64,
        pool: SecretPool,
        links: ServerOrigin = .asRequested(isSecure: false),
        origin: @escaping @Sendable (RequestFacts) -> RequestOrigin
    ) {
        self.reception = RequestReception(gateway: gateway, pool: pool, origin: origin)
        self.workspace = workspaceNumber
        self.links = links
    }

    /// A router with these routes, behind the middleware that they need.
    public func makeRouter() -> Router<ScopeRequestContext> {
        let router = Router(context: ScopeRequestContext.self)
        router.add(middleware: RequestEnvelope(unrouted: UnroutedRequests(reception: reception)))
        add(to: router)
        return router
    }

    /// Adds the routes to a router that has the middleware already.
    public func add(to router: some RouterMethods<ScopeRequestContext>) {
        addScopes(to: router)
        addSecrets(to: router)
        addACLs(to: router)
        on(.currentPrincipal, of: router, { (_: QueryParameters) in }) { services, _ in
            var response = Response.json(Answer.me(try await services.currentPrincipal()))
            // Clients take the workspace's number from here.
            response.headers[.workspaceNumber] = String(workspace)
            return response
        }
        router.on(RouterPath(Endpoint.configurationPath), method: .get) { request, _ -> Response in
            .json(Answer.configuration(origin: links.of(request), workspace: workspace))
        }
    }

    private func addScopes(to router: some RouterMethods<ScopeRequestContext>) {
        on(.createScope, of: router, CreateScopeRequest.init(json:)) { services, request in
            try await services.createScope(request)
            return .json(Answer.done)
        }
        on(.deleteScope, of: router, ScopeParameters.init(json:)) { services, parameters in
            try await services.deleteScope(parameters.scope)
            return .json(Answer.done)
        }
        on(.listScopes, of: router, { (_: QueryParameters) in }) { services, _ in
            .json(Answer.scopes(try await services.listScopes()))
        }
    }

    private func addSecrets(to router: some RouterMethods<ScopeRequestContext>) {
        let readRequest: @Sendable (RawSpan) throws(ScopeError) -> PutSecretRequest
        readRequest = { [pool = reception.pool] body throws(ScopeError) in try PutSecretRequest(json: body, pool: pool)
        }
        on(.putSecret, of: router, readRequest) { services, request in
            try await services.putSecret(request)
            return .json(Answer.done)
        }
        on(.deleteSecret, of: router, SecretParameters.init(json:)) { services, parameters in
            try await services.deleteSecret(scope: parameters.scope, key: parameters.key)
            return .json(Answer.done)
        }
        on(.listSecrets, of: router, ScopeParameters.init(query:)) { services, parameters in
            .json(Answer.secrets(try await services.listSecrets(scope: parameters.scope)))
        }
        on(.getSecret, of: router, SecretParameters.init(query:)) { services, parameters in
            .value(of: try await services.getSecret(scope: parameters.scope, key: parameters.key))
        }
    }

    private func addACLs(to router: some RouterMethods<ScopeRequestContext>) {
        on(.putACL, of: router, PutACLParameters.init(json:)) { services, parameters in
            try await services.putACL(
                scope: parameters.scope,
                principal: parameters.principal,
                permission: parameters.permission
            )
            return .json(Answer.done)
        }
        on(.deleteACL, of: router, ACLParameters.init(json:)) { services, parameters in
            try await services.deleteACL(scope: parameters.scope, principal: parameters.principal)
            return .json(Answer.done)
        }
        on(.getACL, of: router, ACLParameters.init(query:)) { services, parameters in
            .json(Answer.acl(try await services.getACL(scope: parameters.scope, principal: parameters.principal)))
        }
        on(.listACLs, of: router, ScopeParameters.init(query:)) { services, parameters in
            .json(Answer.acls(try await services.listACLs(scope: parameters.scope)))
        }
    }

    /// Answers a `GET`, whose parameters are in its query.
    private func on<Parameters: Sendable>(
        _ endpoint: Endpoint,
        of router: some RouterMethods<ScopeRequestContext>,
        _ parameters: @escaping @Sendable (QueryParameters) throws(ScopeError) -> Parameters,
        _ answer: @escaping @Sendable (any WorkspaceServices, Parameters) async throws -> Response
    ) {
        router.on(RouterPath(endpoint.path), method: .get) { request, context in
            try await reception.answer(request, context, asking: endpoint.operation, parameters, answer)
        }
    }

    /// Answers a `POST`, whose parameters are in its body.
    private func on<Parameters: Sendable>(
        _ endpoint: Endpoint,
        of router: some RouterMethods<ScopeRequestContext>,
        _ parameters: @escaping @Sendable (RawSpan) throws(ScopeError) -> Parameters,
        _ answer: @escaping @Sendable (any WorkspaceServices, Parameters) async throws -> Response
    ) {
        router.on(RouterPath(endpoint.path), method: .post) { request, context in
            // A value is what makes a body large, if not by mistake.
            let isValue = endpoint == .putSecret
            let refusal = ScopeError(
                isValue ? .invalidParameterValue : .malformedRequest,
                "The request's body exceeds \(Endpoint.largestBody) bytes"
                    + (isValue ? "; a value has at most 131072 bytes." : ".")
            )
            return try await reception.answerBody(
                of: request, context, asking: endpoint.operation, tooLarge: refusal, parameters, answer)
        }
    }
}
