import Logging
import ScopeServer
import SecretMemory
import SecretScopes
import Workspace
import WorkspaceFixtures

/// A server over a real workspace, for as long as a test runs.
struct TestServer: Sendable {
    let fixture: TemporaryWorkspace
    let port: Int
    /// A token of the local administrator.
    let administrator: String

    /// Runs `body` beside a server that takes personal access tokens.
    static func run<Result: Sendable>(
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        _ body: @Sendable (TestServer) async throws -> Result
    ) async throws -> Result {
        try await ServerTurns.shared.take {
            let fixture = try await TemporaryWorkspace()
            let administrator = try await fixture.token(for: TemporaryWorkspace.administrator)
            let routes = routes(gateway: fixture.workspace.gateway(accepting: [.personalAccessToken]), fixture)
            return try await LoopbackServer(routes: routes, logger: logger).run { port in
                try await body(TestServer(fixture: fixture, port: port, administrator: administrator))
            }
        }
    }

    /// Runs `body` beside the whole server that `hush serve` starts, tokens and directory and all.
    ///
    /// - Parameters:
    ///   - host: What it binds.
    ///   - port: The port; 0 lets the system choose one.
    ///   - links: What links to vaults may reach.
    ///   - gateway: Makes what turns tokens into services from the one that does.
    static func serve<Result: Sendable>(
        host: String = LoopbackServer.address,
        port: Int = 0,
        identity: TLSIdentity? = nil,
        limits: NetworkServer.Limits = NetworkServer.Limits(),
        metrics: ServerMetrics = ServerMetrics(),
        clock: any WallClock = SystemWallClock(),
        requestsPerSecond: Int? = nil,
        vaults links: LinkSettings = LinkSettings(),
        proxies: TrustedProxies = .none,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        gateway wrap: @Sendable (TokenGateway) -> any ServiceGateway & ClientCredentialGateway = { $0 },
        readiness check: (@Sendable () async throws -> Void)? = nil,
        _ body: @Sendable (TestServer) async throws -> Result
    ) async throws -> Result {
        try await ServerTurns.shared.take {
            let fixture = try await TemporaryWorkspace(links: links)
            let administrator = try await fixture.token(for: TemporaryWorkspace.administrator)
            let routes = WorkspaceRoutes(
                gateway: wrap(
                    fixture.workspace.gateway(
                        accepting: [.personalAccessToken, .clientSecret], requestsPerSecond: requestsPerSecond,
                        clock: clock)),
                workspace: fixture.workspace.id,
                pool: fixture.pool,
                links: .asRequested(isSecure: identity != nil),
                proxies: proxies,
                readiness: Readiness(check: check ?? { try await fixture.workspace.checkReadiness() }),
                metrics: metrics,
                clock: clock
            )
            let server = NetworkServer(
                router: { routes.makeRouter() },
                address: ListenAddress(host: host, port: port),
                identity: identity,
                limits: limits,
                recordingUnreadable: { await routes.countUnreadable(from: $0) },
                logger: logger,
                patience: .seconds(5)
            )
            return try await server.run { port in
                try await body(TestServer(fixture: fixture, port: port, administrator: administrator))
            }
        }
    }

    static func routes(gateway: any ServiceGateway, _ fixture: TemporaryWorkspace) -> ScopeRoutes {
        ScopeRoutes(gateway: gateway, workspace: fixture.workspace.id, pool: fixture.pool) { facts in
            RequestOrigin(
                surface: .rest,
                address: facts.address,
                userAgent: facts.userAgent,
                requestID: facts.requestID
            )
        }
    }

    /// A request with a token, the administrator's unless another one is given.
    func send(
        _ method: String,
        _ target: String,
        token: String? = nil,
        headers: [String] = [],
        body: String = ""
    ) async throws -> RawHTTP.Answer {
        let authorization = "Authorization: Bearer \(token ?? administrator)"
        return try await RawHTTP.send(method, target, headers: [authorization] + headers, body: body, port: port)
    }

    func get(_ target: String, token: String? = nil) async throws -> RawHTTP.Answer {
        try await send("GET", target, token: token)
    }

    func post(_ target: String, _ body: String, token: String? = nil) async throws -> RawHTTP.Answer {
        try await send("POST", target, token: token, body: body)
    }

    /// The events of one operation, oldest first.
    func events(_ operation: Operation) async throws -> [AuditEvent] {
        try await fixture.events(operation)
    }
}

extension TemporaryWorkspace {
    /// A new personal access token.
    func token(
        for principal: String,
        operations: OperationSet = .all,
        lifetime: Duration? = nil
    ) async throws -> String {
        let request = CreateTokenRequest(
            principal: principal,
            kind: .personalAccessToken,
            operations: operations,
            lifetime: lifetime,
            comment: ""
        )
        return try await services().createToken(request).value.text
    }
}
