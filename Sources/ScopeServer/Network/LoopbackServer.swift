public import Logging

/// An HTTP server on 127.0.0.1 that lives as long as a piece of work.
public struct LoopbackServer: Sendable {
    /// The address that it binds.
    public static let address = "127.0.0.1"

    private let server: NetworkServer

    /// Creates a server that is started by ``run(_:)``.
    ///
    /// - Parameters:
    ///   - routes: What it answers.
    ///   - logger: Where it logs.
    ///   - patience: How long requests that are under way may take to end when the work is done.
    public init(routes: ScopeRoutes, logger: Logger, patience: Duration = .seconds(5)) {
        self.server = NetworkServer(
            router: { routes.makeRouter() },
            address: ListenAddress(host: Self.address, port: 0),
            logger: logger,
            patience: patience
        )
    }

    /// Runs `body` while the server listens, then lets requests that are under way end, and stops.
    ///
    /// - Parameter body: The work; it is given the port, which the system chose.
    /// - Throws: What `body` throws, or ``SecretScopes/ScopeError`` with `TEMPORARILY_UNAVAILABLE` when no port could
    ///   be bound.
    public func run<Result: Sendable>(_ body: @Sendable (Int) async throws -> Result) async throws -> Result {
        try await server.run(body)
    }
}
