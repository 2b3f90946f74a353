internal import ErasingBuffers
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import SecretMemory
internal import SecretScopes

/// Sends requests to one host, over connections that are kept for a while, encrypted where the host says so.
///
/// The buffers of a connection are overwritten before they are freed, those of the encryption's plain side too.
struct HTTPTransport: Sendable {
    /// Why there is no answer.
    enum Failure: Error {
        /// No connection could be made, or it broke; with the system's word for it.
        case unreachable(String)
        /// The server's certificate could not be verified.
        case untrusted
        /// The other side was silent for too long.
        case timedOut
        /// The other side closed the connection without a word.
        case closedWithoutAnswer
        /// The connection had ended before anything was sent.
        case notSent
        /// What came is no answer of HTTP/1.1, or was cut off.
        case notUnderstood
        /// The answer is larger than is accepted.
        case tooLarge
        /// The calling task was cancelled.
        case cancelled

        /// Whether it may come of a connection that the other side had given up.
        fileprivate var mayBeOfAnEndedConnection: Bool {
            switch self {
            case .closedWithoutAnswer, .unreachable: true
            default: false
            }
        }
    }

    let host: WorkspaceHost
    private let group: any EventLoopGroup
    private let encryption: NIOSSLContext?
    private let kept = KeptConnections()

    /// Creates a transport.
    ///
    /// - Parameter certificates: A PEM file with the certificates of those whom to trust instead of the system's own.
    /// - Throws: ``SecretScopes/ScopeError`` with `INVALID_STATE` when the file cannot be read.
    init(
        host: WorkspaceHost, certificates: String?, group: any EventLoopGroup
    ) throws(ScopeError) {
        self.host = host
        self.group = group
        self.encryption = host.isSecure ? try Self.encryption(trusting: certificates) : nil
    }

    /// Sends `request` and returns the answer.
    ///
    /// - Parameters:
    ///   - limit: The most bytes of a body that are accepted.
    ///   - patience: How long to wait for the other side to go on.
    func exchange(
        _ request: PreparedRequest, pool: SecretPool, limit: Int, patience: Duration
    ) async throws(Failure) -> HTTPAnswer {
        let patience = TimeAmount(patience)
        // All of it on one event loop, so that the connection is kept before the caller goes on.
        func exchange(
            on eventLoop: any EventLoop, over connect: (HTTPExchange) -> EventLoopFuture<any Channel>
        ) async throws(Failure) -> HTTPAnswer {
            let outcome = eventLoop.makePromise(of: HTTPExchange.Outcome.self)
            let exchange = HTTPExchange(
                request: request, pool: pool, limit: limit, patience: patience, outcome: outcome)
            return try await self.outcome(of: outcome, over: connect(exchange))
        }
        if let connection = kept.take() {
            do throws(Failure) {
                return try await exchange(on: connection.eventLoop) { exchange in
                    connection.writeAndFlush(exchange).whenFailure { _ in exchange.outcome.fail(Failure.notSent) }
                    return connection.eventLoop.makeSucceededFuture(connection)
                }
            } catch .notSent {
                // The server closed it between two requests.
            } catch  where request.isSafe && error.mayBeOfAnEndedConnection {
                // It may have closed it just as the request was sent, and asking again does no harm.
            }
        }
        return try await exchange(on: group.next()) { connect($0) }
    }

    private func outcome(
        of outcome: EventLoopPromise<HTTPExchange.Outcome>, over connection: EventLoopFuture<any Channel>
    ) async throws(Failure) -> HTTPAnswer {
        connection.whenFailure { outcome.fail($0) }
        outcome.futureResult.whenComplete { [kept] result in
            let isKept = (try? result.get().leavesConnection) ?? false
            connection.whenSuccess { if isKept { kept.put($0) } else { $0.close(promise: nil) } }
        }
        do {
            return try await withTaskCancellationHandler {
                try await outcome.futureResult.get().answer
            } onCancel: {
                outcome.fail(Failure.cancelled)
            }
        } catch {
            throw Self.failure(error)
        }
    }

    /// Makes a connection that begins with an exchange.
    private func connect(_ exchange: HTTPExchange) -> EventLoopFuture<any Channel> {
        ClientBootstrap(group: exchange.outcome.futureResult.eventLoop)
            .channelOption(.allocator, value: .erasing)
            .connectTimeout(min(exchange.patience, .seconds(15)))
            .channelInitializer { [host, encryption] channel in
                channel.eventLoop.makeCompletedFuture {
                    let handlers = channel.pipeline.syncOperations
                    if let encryption {
                        let name = host.isAddress ? nil : host.name
                        try handlers.addHandler(Self.encryptionHandler(encryption, host: name))
                    }
                    try HTTPExchangeHandler.install(in: handlers, first: exchange)
                }
            }
            .connect(host: host.name, port: host.port)
    }

    /// Encrypts a connection to a host, or to an address when there is no name.
    private static func encryptionHandler(
        _ context: NIOSSLContext, host name: String?
    ) throws -> NIOSSLClientHandler {
        guard let name else { return try NIOSSLClientHandler(context: context, serverHostname: nil) }
        return try NIOSSLClientHandler._makeSSLClientHandler(context: context, serverHostname: name) {
            certificate, channel in
            ServerNameCheck.accepts(certificate, for: name)
                ? channel.eventLoop.makeSucceededVoidFuture()
                : channel.eventLoop.makeFailedFuture(NIOSSLError.unableToValidateCertificate)
        }
    }

    private static func encryption(trusting certificates: String?) throws(ScopeError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            if let certificates {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(certificates))
            }
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw ScopeError(
                .invalidState,
                "There are no certificates in PEM form to be read from \(certificates ?? "the system's store"). "
                    + "Look at SSL_CERT_FILE."
            )
        }
    }

    private static func failure(_ error: any Error) -> Failure {
        switch error {
        case let failure as Failure: failure
        case let error as NIOConnectionError: .unreachable(reason(of: error))
        case is HTTPParserError: .notUnderstood
        case ChannelError.connectTimeout: .timedOut
        case is NIOSSLExtraError: .untrusted
        case let error as NIOSSLError: failure(error)
        case is BoringSSLError: .unreachable("it does not speak TLS as expected")
        case let error as IOError:
            .unreachable(String(describing: SystemCallError(call: "read", number: error.errnoCode)))
        default: .unreachable("the connection broke")
        }
    }

    private static func failure(_ error: NIOSSLError) -> Failure {
        switch error {
        case .handshakeFailed(.sslError(let stack)):
            stack.contains { String(describing: $0).contains("CERTIFICATE_VERIFY_FAILED") }
                ? .untrusted : .unreachable("it does not speak TLS as expected")
        case .unableToValidateCertificate: .untrusted
        default: .unreachable("the connection broke")
        }
    }

    private static func reason(of error: NIOConnectionError) -> String {
        if let first = error.connectionErrors.first {
            guard let system = first.error as? IOError else { return "it cannot be connected to" }
            return String(describing: SystemCallError(call: "connect", number: system.errnoCode))
        }
        return "its name is not known"
    }
}
