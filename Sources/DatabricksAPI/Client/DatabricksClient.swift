internal import NIOCore
internal import NIOPosix
public import SecretMemory
public import SecretScopes

/// The services of a workspace over its REST API, as the bearer of a credential: of a Hush server, of a run's broker, or
/// of a Databricks workspace as far as that has them.
///
/// Every call uses a connection of its own. Cancelling the calling task ends the call. A redirection is not followed: the
/// credential is for the host alone.
///
/// ```swift
/// let pool = SecretPool()
/// let token = SecretBytes(copying: Array("dapi…".utf8).span.bytes, in: pool)
/// let host = try WorkspaceHost("https://hush.example.com")
/// let workspace = try DatabricksClient(host: host, credential: .token(token), pool: pool)
/// let password = try await workspace.getSecret(scope: "payments", key: "database-password").value
/// ```
public final class DatabricksClient: Sendable {
    /// How a client behaves.
    public struct Options: Sendable {
        /// What the audit record shows as the client's description of itself.
        public var userAgent = "hush"
        /// A PEM file with the certificates of those whom to trust instead of the system's own.
        public var certificates: String?
        /// How long the server may be silent before a call fails.
        public var patience = Duration.seconds(60)
        /// How long a call may wait because the server asks to come back later.
        public var retryBudget = Duration.seconds(60)
        /// Waits for that.
        public var clock: any Clock<Duration> = ContinuousClock()

        /// The usual behaviour.
        public init() {}
    }

    private enum TokenSource: Sendable {
        case fixed(SecretBytes)
        case issued(AccessTokens)
    }

    /// The server.
    public let host: WorkspaceHost
    /// Where values live.
    let pool: SecretPool
    private let requests: RequestWriter
    private let sender: RequestSender
    private let source: TokenSource

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - host: The server.
    ///   - credential: What it shows.
    ///   - pool: Where values live.
    ///   - options: How it behaves.
    /// - Throws: ``SecretScopes/ScopeError`` with `UNAUTHENTICATED` when the credential cannot be one, with
    ///   `INVALID_STATE` when the certificates cannot be read.
    public init(
        host: WorkspaceHost, credential: ClientCredential, pool: SecretPool, options: Options = Options()
    ) throws(ScopeError) {
        try credential.check()
        let transport = try HTTPTransport(
            host: host, certificates: options.certificates, patience: options.patience,
            group: NIOSingletons.posixEventLoopGroup)
        let requests = RequestWriter(authority: host.authority, userAgent: options.userAgent, pool: pool)
        let sender = RequestSender(
            transport: transport,
            pool: pool,
            patience: options.patience,
            retry: RetryRule(budget: options.retryBudget, clock: options.clock)
        )
        self.host = host
        self.pool = pool
        self.requests = requests
        self.sender = sender
        switch credential {
        case .token(let token): self.source = .fixed(token)
        case .clientSecret(let credentials):
            self.source = .issued(
                AccessTokens(credentials, pool: pool) { basic in
                    try await sender.send(requests.accessToken(basic: basic))
                })
        }
    }

    /// Sends a request that holds no value.
    func call(
        _ method: String = "GET",
        _ path: String,
        query: QueryParameters = QueryParameters(),
        body: [UInt8]? = nil
    ) async throws -> HTTPAnswer {
        let body = body.map { SecretBytes(copying: $0.span.bytes, in: pool) }
        return try await send(method, path, query: query, body: body)
    }

    /// Sends a request that may hold a value.
    func send(
        _ method: String,
        _ path: String,
        query: QueryParameters = QueryParameters(),
        body: SecretBytes?
    ) async throws -> HTTPAnswer {
        let token: SecretBytes
        switch source {
        case .fixed(let fixed): token = fixed
        case .issued(let tokens): token = try await tokens.token()
        }
        return try await sender.send(requests.request(method, path, query: query, body: body, token: token))
    }

    /// Reads what an answer holds.
    func decode<Value>(
        _ answer: HTTPAnswer,
        _ reader: (RawSpan) throws(AnswerNotUnderstood) -> Value
    ) throws -> Value {
        do {
            return try answer.withBody(reader)
        } catch {
            throw sender.notUnderstood
        }
    }
}
