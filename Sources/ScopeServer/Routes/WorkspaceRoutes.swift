internal import DatabricksAPI
public import Hummingbird
public import SecretMemory
public import SecretScopes

/// Everything that a workspace's server answers: the Secrets API, tokens, the directory, OAuth, and what those who run
/// it ask for.
public struct WorkspaceRoutes: Sendable {
    private let gateway: any ServiceGateway & ClientCredentialGateway
    private let workspace: WorkspaceID
    private let pool: SecretPool
    private let links: ServerOrigin
    private let readiness: Readiness
    private let metrics: ServerMetrics
    private let proxies: TrustedProxies
    private let failures: RequestAllowance<String>

    /// Creates the routes.
    ///
    /// - Parameters:
    ///   - gateway: Turns tokens into services, and client secrets into tokens.
    ///   - workspace: The workspace, of which clients are told a number.
    ///   - pool: Where request bodies and values live.
    ///   - links: Under which address clients reach the server.
    ///   - proxies: Whose word about their clients' addresses is taken.
    ///   - readiness: Whether the workspace can be used.
    ///   - metrics: What counts the requests.
    ///   - clock: Tells when an address that showed wrong credentials may try again.
    public init(
        gateway: any ServiceGateway & ClientCredentialGateway,
        workspace: WorkspaceID,
        pool: SecretPool,
        links: ServerOrigin = .asRequested(isSecure: false),
        proxies: TrustedProxies = .none,
        readiness: Readiness,
        metrics: ServerMetrics = ServerMetrics(),
        clock: any WallClock = SystemWallClock()
    ) {
        self.gateway = gateway
        self.workspace = workspace
        self.pool = pool
        self.links = links
        self.proxies = proxies
        self.readiness = readiness
        self.metrics = metrics
        self.failures = .failedLogins(clock: clock)
    }

    /// A router with these routes, behind the middleware that they need.
    public func makeRouter() -> Router<ScopeRequestContext> {
        let reception = RequestReception(gateway: gateway, pool: pool, origin: Self.origin(of:))
        let router = Router(context: ScopeRequestContext.self)
        router.add(
            middleware: RequestEnvelope(
                unrouted: UnroutedRequests(reception: reception),
                proxies: proxies,
                metrics: metrics,
                throttle: LoginThrottle(failures: failures, metrics: metrics)
            ))
        ScopeRoutes(gateway: gateway, workspace: workspace, pool: pool, links: links, origin: Self.origin(of:))
            .add(to: router)
        TokenRoutes(reception: reception).add(to: router)
        DirectoryRoutes(reception: reception).add(to: router)
        ClientSecretRoutes(reception: reception).add(to: router)
        LinkRoutes(reception: reception).add(to: router)
        VersionRoutes(reception: reception).add(to: router)
        ScopeSettingsRoutes(reception: reception).add(to: router)
        ChangeRoutes(reception: reception).add(to: router)
        AuditRoutes(reception: reception, workspace: workspace).add(to: router)
        OAuthRoutes(gateway: gateway, pool: pool, links: links, origin: Self.origin(of:)).add(to: router)
        OperationRoutes(readiness: readiness, metrics: metrics).add(to: router)
        return router
    }

    /// Counts a request that could not be read with the others of strangers.
    ///
    /// - Parameter address: The client's.
    public func countUnreadable(from address: String?) async {
        // It is refused either way; there is nobody who could be told that it was not recorded.
        _ = try? await gateway.services(forToken: nil, origin: RequestOrigin(surface: .rest, address: address))
    }

    private static func origin(of facts: RequestFacts) -> RequestOrigin {
        RequestOrigin(
            surface: .rest,
            address: facts.address,
            userAgent: facts.userAgent,
            requestID: facts.requestID,
            session: facts.claims.run,
            notebook: facts.claims.notebook,
            cell: facts.claims.cell,
            apply: facts.claims.apply,
            reason: facts.claims.reason,
            linkDepth: facts.claims.linkDepth
        )
    }
}
