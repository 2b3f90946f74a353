internal import DatabricksAPI
public import Logging
public import Redaction
internal import ScopeServer
public import SecretCrypto
public import SecretMemory
public import SecretScopes

/// What sort of run is to be started.
public struct RunOptions: Sendable, Hashable {
    /// ``SecretScopes/Surface/notebook`` or ``SecretScopes/Surface/command``.
    public var surface: Surface
    /// The notebook's path as the audit record shows it.
    public var notebook: String?
    /// Whether the run may put and delete secrets, as far as its principal may.
    public var allowsWriting: Bool
    /// When the token dies even if the run could not end it; `nil` is never.
    public var lifetime: Duration?
    /// The level at which values are redacted whose scope asks for no higher one.
    public var redaction: RedactionLevel

    /// Creates options.
    public init(
        surface: Surface,
        notebook: String? = nil,
        allowsWriting: Bool = false,
        lifetime: Duration? = nil,
        redaction: RedactionLevel = .encoded
    ) {
        self.surface = surface
        self.notebook = notebook
        self.allowsWriting = allowsWriting
        self.lifetime = lifetime
        self.redaction = redaction
    }

    /// What the run may ask for.
    public var allowedOperations: OperationSet { allowsWriting ? .writingInRun : .readingInRun }
}

/// Starts runs on behalf of one caller.
///
/// ```swift
/// let starter = RunStarter(
///     services: services,
///     gateway: workspace.gateway(accepting: [.runToken]),
///     workspace: workspace.id,
///     pool: workspace.pool
/// )
/// try await starter.run(RunOptions(surface: .command)) { run in
///     // start a child with run.host and run.token, and redact its output with run.redactor
/// }
/// ```
public struct RunStarter: Sendable {
    private let authority: any RunAuthority
    private let pool: SecretPool
    private let random: any RandomSource
    private let logger: Logger

    /// Creates a starter.
    ///
    /// - Parameters:
    ///   - authority: Where the runs' rights come from.
    ///   - pool: Where tokens and values live.
    ///   - random: Where the ids of runs come from.
    ///   - logger: Where brokers log; by default nowhere, since a run's output belongs to the run.
    public init(
        authority: any RunAuthority,
        pool: SecretPool,
        random: any RandomSource = SystemRandomSource(),
        logger: Logger = Logger(label: "hush.broker") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.authority = authority
        self.pool = pool
        self.random = random
        self.logger = logger
    }

    /// Creates a starter for a workspace that is open here.
    ///
    /// - Parameters:
    ///   - services: The services of the caller whom the runs stand for.
    ///   - gateway: The workspace's gateway; it must accept run tokens.
    ///   - workspace: The workspace.
    ///   - pool: Where tokens and values live.
    public init(
        services: any WorkspaceServices, gateway: any ServiceGateway, workspace: WorkspaceID, pool: SecretPool
    ) {
        self.init(
            authority: WorkspaceRunAuthority(
                services: services, gateway: gateway, workspaceNumber: Answer.number(of: workspace)),
            pool: pool
        )
    }

    /// Starts a run with a token and a broker of its own, does `body`, and ends them, however `body` ends.
    ///
    /// - Throws: What `body` throws; ``SecretScopes/ScopeError`` when the run cannot be started, or when its token could
    ///   not be revoked at its end.
    public func run<Result: Sendable>(
        _ options: RunOptions,
        _ body: @Sendable (Run) async throws -> Result
    ) async throws -> Result {
        let id = random.bytes(count: 16).map { Hexadecimal.encode([$0]) }.joined()
        let currentCell = CurrentCell()
        let grant = try await authority.grant(id, options) {
            RunPlace(run: id, notebook: options.notebook, cell: currentCell.number)
        }
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await serve(id, grant, currentCell, options, body))
        } catch {
            result = .failure(error)
        }
        // Not a child task: the token must die also when the run was cancelled.
        let revocation = await Task { [authority] in try await authority.revoke(grant) }.result
        let success = try result.get()
        try revocation.get()
        return success
    }

    private func serve<Result: Sendable>(
        _ id: String,
        _ grant: RunGrant,
        _ currentCell: CurrentCell,
        _ options: RunOptions,
        _ body: @Sendable (Run) async throws -> Result
    ) async throws -> Result {
        let redactor = Redactor(level: options.redaction, pool: pool)
        // Before anything else: the token must not show in any output either.
        try redactor.add(grant.token, name: "the run's token")
        for hidden in grant.hiddenValues { try redactor.add(hidden.value, name: hidden.name) }
        let gateway = RunGateway(workspace: grant.gateway, token: grant.token, redactor: redactor)
        let origin: @Sendable (RequestFacts?) -> RequestOrigin = { facts in
            RequestOrigin(
                surface: options.surface,
                address: facts?.address,
                userAgent: facts?.userAgent,
                requestID: facts?.requestID,
                session: id,
                notebook: options.notebook,
                cell: currentCell.number
            )
        }
        let routes = ScopeRoutes(
            gateway: gateway, workspaceNumber: authority.workspaceNumber, pool: pool, origin: origin)
        return try await LoopbackServer(routes: routes, logger: logger).run { port in
            try await body(
                Run(
                    id: id,
                    host: "http://\(LoopbackServer.address):\(port)",
                    token: grant.token,
                    redactor: redactor,
                    currentCell: currentCell,
                    gateway: gateway,
                    origin: { origin(nil) }
                )
            )
        }
    }
}
