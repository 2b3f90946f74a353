internal import Hummingbird
internal import HummingbirdCore
public import Logging
internal import NIOCore
internal import SecretScopes
internal import ServiceLifecycle

/// An HTTP server on 127.0.0.1 that lives as long as a piece of work.
public struct LoopbackServer: Sendable {
    /// The address that it binds.
    public static let address = "127.0.0.1"

    private let routes: ScopeRoutes
    private let logger: Logger
    private let patience: Duration

    /// Creates a server that is started by ``run(_:)``.
    ///
    /// - Parameters:
    ///   - routes: What it answers.
    ///   - logger: Where it logs.
    ///   - patience: How long requests that are under way may take to end when the work is done.
    public init(routes: ScopeRoutes, logger: Logger, patience: Duration = .seconds(5)) {
        self.routes = routes
        self.logger = logger
        self.patience = patience
    }

    /// Runs `body` while the server listens, then lets requests that are under way end, and stops.
    ///
    /// - Parameter body: The work; it is given the port, which the system chose.
    /// - Throws: What `body` throws, or ``SecretScopes/ScopeError`` with `TEMPORARILY_UNAVAILABLE` when no port could
    ///   be bound.
    public func run<Result: Sendable>(_ body: @Sendable (Int) async throws -> Result) async throws -> Result {
        let (ports, portContinuation) = AsyncStream.makeStream(of: Int.self)
        let services = makeServices { portContinuation.yield($0) }
        // Not a child task: requests that are under way end in order also when the work is cancelled.
        let server = Task {
            defer { portContinuation.finish() }
            try await services.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            await services.triggerGracefulShutdown()
            throw Self.startError(from: await server.result)
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

    private func makeServices(onPort: @escaping @Sendable (Int) -> Void) -> ServiceGroup {
        let application = Application(
            router: routes.makeRouter(),
            server: HTTPServerBuilder { ErasingChannel(responder: $0, configuration: HTTP1Channel.Configuration()) },
            configuration: ApplicationConfiguration(address: .hostname(Self.address, port: 0)),
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
    private static func startError(from result: Swift.Result<Void, any Error>) -> any Error {
        switch result {
        case .success: CancellationError()
        case .failure(let error as IOError):
            ScopeError(.temporarilyUnavailable, "No port of \(address) could be bound: \(error.description).")
        case .failure(let error): error
        }
    }
}
