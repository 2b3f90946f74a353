public import Hummingbird
internal import HummingbirdCore
public import Logging
internal import NIOCore
internal import SecretScopes
internal import ServiceLifecycle

/// An HTTP server that lives as long as a piece of work, with TLS (HTTP/2 and HTTP/1.1) or without (HTTP/1.1).
public struct NetworkServer: Sendable {
    /// What clients may take up, so that none of them can take all there is.
    public struct Limits: Sendable, Hashable {
        /// The most connections at a time; more of them wait in the system's queue.
        public var connections = 1024
        /// How long a request may take to arrive, from its first byte to its last, and an answer to be taken.
        public var transfer = Duration.seconds(30)
        /// How long a connection may be kept without a request.
        public var idle = Duration.seconds(75)
        /// The most bytes of all headers together over HTTP/1.1. Over HTTP/2 it is always 16 KiB, which is what NIO's
        /// HTTP/2 keeps to.
        public var headerBytes = 16 * 1024
        /// The most headers.
        public var headers = 100

        /// The limits that servers have unless they are told otherwise.
        public init() {}
    }

    /// Records a request that could not be read, of the client at an address.
    public typealias UnreadableRecorder = @Sendable (String?) async -> Void

    private let makeRouter: @Sendable () -> Router<ScopeRequestContext>
    private let address: ListenAddress
    private let identity: TLSIdentity?
    private let limits: Limits?
    private let record: UnreadableRecorder
    private let logger: Logger
    private let patience: Duration

    /// Creates a server that is started by ``run(_:)``.
    ///
    /// - Parameters:
    ///   - router: Makes what it answers.
    ///   - address: What it binds.
    ///   - identity: Its certificate and key; without them it speaks plain HTTP.
    ///   - limits: What clients may take up; `nil` for clients that are trusted with that.
    ///   - record: Records what cannot be read as a request, before it is refused.
    ///   - logger: Where it logs.
    ///   - patience: How long requests that are under way may take to end when the work is done.
    public init(
        router: @escaping @Sendable () -> Router<ScopeRequestContext>,
        address: ListenAddress,
        identity: TLSIdentity? = nil,
        limits: Limits? = nil,
        recordingUnreadable record: @escaping UnreadableRecorder = { _ in },
        logger: Logger,
        patience: Duration
    ) {
        self.makeRouter = router
        self.address = address
        self.identity = identity
        self.limits = limits
        self.record = record
        self.logger = logger
        self.patience = patience
    }

    /// Runs `body` while the server listens, then lets requests that are under way end, and stops.
    ///
    /// - Parameter body: The work; it is given the port.
    /// - Throws: What `body` throws, or ``SecretScopes/ScopeError`` with `TEMPORARILY_UNAVAILABLE` when the address
    ///   could not be bound.
    public func run<Result: Sendable>(_ body: @Sendable (Int) async throws -> Result) async throws -> Result {
        let (ports, portContinuation) = AsyncStream.makeStream(of: Int.self)
        let services = try makeServices { portContinuation.yield($0) }
        // Not a child task: requests that are under way end in order also when the work is cancelled.
        let server = Task {
            defer { portContinuation.finish() }
            try await services.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            await services.triggerGracefulShutdown()
            throw startError(from: await server.result)
        }
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(port))
        } catch {
            result = .failure(error)
        }
        await services.triggerGracefulShutdown()
        // However the work ended, the server's own end must not hide it.
        _ = await server.result
        return try result.get()
    }

    private func makeServices(onPort: @escaping @Sendable (Int) -> Void) throws -> ServiceGroup {
        let builder = HTTPServerBuilder { [limits, identity, record] responder in
            guard let identity else {
                return ErasingChannel(responder: responder, limits: limits, record: record)
            }
            return try SecureChannel(responder: responder, identity: identity, limits: limits, record: record)
        }
        let application = Application(
            router: makeRouter(),
            server: builder,
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: limits.map { MaximumAvailableConnections($0.connections, logger: logger) }
            ),
            onServerRunning: { channel in
                guard let port = channel.localAddress?.port else { return }
                onPort(port)
            },
            logger: logger
        )
        var configuration = ServiceGroupConfiguration(services: [application], logger: logger)
        configuration.maximumGracefulShutdownDuration = patience
        return ServiceGroup(configuration: configuration)
    }

    /// Why the server ended before it listened.
    private func startError(from result: Swift.Result<Void, any Error>) -> any Error {
        switch result {
        case .success: CancellationError()
        case .failure(let error as IOError):
            ScopeError(.temporarilyUnavailable, "The address \(address) cannot be bound: \(error.description).")
        case .failure(let error): error
        }
    }
}
