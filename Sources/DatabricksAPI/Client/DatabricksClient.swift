internal import NIOCore
internal import NIOPosix
public import SecretMemory
public import SecretScopes

/// The services of a workspace over its REST API, as the bearer of a credential: of a Hush server, of a run's broker, or
/// of a Databricks workspace as far as that has them.
///
/// Connections are kept for some seconds between calls. Cancelling the calling task ends the call. A redirection is not
/// followed: the credential is for the host alone.
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
    private let claims: @Sendable () -> RequestClaims
    private let acting: String?

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
            host: host, certificates: options.certificates,
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
        self.claims = { RequestClaims() }
        self.acting = nil
        switch credential {
        case .token(let token): self.source = .fixed(token)
        case .clientSecret(let credentials):
            self.source = .issued(
                AccessTokens(credentials, pool: pool) { basic in
                    try await sender.send(requests.accessToken(basic: basic))
                })
        }
    }

    private init(
        _ other: DatabricksClient, claims: @escaping @Sendable () -> RequestClaims, acting: String?
    ) {
        self.host = other.host
        self.pool = other.pool
        self.requests = other.requests
        self.sender = other.sender
        self.source = other.source
        self.claims = claims
        self.acting = acting
    }

    /// The same client, which says of each of its requests what `claims` returns at that moment.
    public func claiming(_ claims: @escaping @Sendable () -> RequestClaims) -> DatabricksClient {
        DatabricksClient(self, claims: claims, acting: acting)
    }

    /// The same client, which acts as another principal. Its own must be an administrator.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` when it may not, there is no such principal, or the server does not know of
    ///   such a thing, as Databricks workspaces do not.
    public func acting(as principal: String) async throws -> DatabricksClient {
        let other = DatabricksClient(self, claims: claims, acting: principal)
        // A server that does not look at the header would do everything as the client's own principal.
        guard try await other.currentPrincipal().name.lowercased() == principal.lowercased() else {
            throw ScopeError(
                .badRequest,
                "The server at \(host) does not let anybody act as another principal. Leave out --as, and use a token of "
                    + "\(principal)."
            )
        }
        return other
    }

    /// The token that requests show at this moment, a new one if need be.
    public func bearerToken() async throws -> SecretBytes {
        switch source {
        case .fixed(let token): token
        case .issued(let tokens): try await tokens.token()
        }
    }

    /// Sends a request that holds no value.
    ///
    /// - Parameter patience: How long the server may be silent, when that is longer than usual.
    func call(
        _ method: String = "GET",
        _ path: String,
        query: QueryParameters = QueryParameters(),
        body: [UInt8]? = nil,
        patience: Duration? = nil
    ) async throws -> HTTPAnswer {
        let body = body.map { SecretBytes(copying: $0.span.bytes, in: pool) }
        return try await send(method, path, query: query, body: body, patience: patience)
    }

    /// Sends a request that may hold a value.
    ///
    /// - Parameter limit: The most bytes of an answer that are taken.
    func send(
        _ method: String,
        _ path: String,
        query: QueryParameters = QueryParameters(),
        body: SecretBytes?,
        patience: Duration? = nil,
        limit: Int = RequestSender.largestAnswer
    ) async throws -> HTTPAnswer {
        var headers: [(name: String, value: String)] = []
        if let value = claims().value { headers.append((RequestClaims.header.description, value)) }
        if let acting { headers.append((RequestClaims.actingHeader.description, RequestClaims.acting(as: acting))) }
        let token = try await bearerToken()
        return try await sender.send(
            requests.request(method, path, query: query, headers: headers, body: body, token: token),
            patience: patience, limit: limit)
    }

    /// The failure of an answer that is not what such answers look like.
    var notUnderstood: ScopeError { sender.notUnderstood }

    /// Reads what an answer holds.
    func decode<Value>(
        _ answer: HTTPAnswer,
        _ reader: (RawSpan) throws(AnswerNotUnderstood) -> Value
    ) throws -> Value {
        do {
            return try answer.withBody(reader)
        } catch {
            throw notUnderstood
        }
    }
}
