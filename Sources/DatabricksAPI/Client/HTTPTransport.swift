internal import ErasingBuffers
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import SecretMemory
internal import SecretScopes

/// Sends requests to one host, each over a connection of its own, encrypted where the host says so.
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
        /// The answer is larger than is accepted.
        case tooLarge
        /// The calling task was cancelled.
        case cancelled
    }

    let host: WorkspaceHost
    private let group: any EventLoopGroup
    private let encryption: NIOSSLContext?

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

    /// Sends `request` and returns what comes until the other side closes the connection.
    ///
    /// - Parameters:
    ///   - limit: The most bytes that are accepted.
    ///   - patience: How long to wait for the other side to go on.
    func exchange(
        _ request: SecretBytes, pool: SecretPool, limit: Int, patience: Duration
    ) async throws(Failure) -> SecretBytes {
        let patience = TimeAmount(patience)
        let answer = group.next().makePromise(of: SecretBytes.self)
        let connection = ClientBootstrap(group: group)
            .channelOption(.allocator, value: .erasing)
            .connectTimeout(min(patience, .seconds(15)))
            .channelInitializer { [host, encryption] channel in
                channel.eventLoop.makeCompletedFuture {
                    let handlers = channel.pipeline.syncOperations
                    if let encryption {
                        let name = host.isAddress ? nil : host.name
                        try handlers.addHandler(Self.encryptionHandler(encryption, host: name))
                    }
                    try handlers.addHandler(IdleStateHandler(allTimeout: patience))
                    try handlers.addHandler(
                        AnswerCollector(request: request, answer: answer, pool: pool, limit: limit))
                }
            }
            .connect(host: host.name, port: host.port)
        connection.whenFailure { answer.fail($0) }
        answer.futureResult.whenComplete { _ in connection.whenSuccess { $0.close(promise: nil) } }
        do {
            return try await withTaskCancellationHandler {
                try await answer.futureResult.get()
            } onCancel: {
                answer.fail(Failure.cancelled)
            }
        } catch {
            throw Self.failure(error)
        }
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

/// Writes the request when the connection is there, and collects what comes until its end.
private final class AnswerCollector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let request: SecretBytes
    private let answer: EventLoopPromise<SecretBytes>
    private let pool: SecretPool
    private let limit: Int
    private var pieces: [SecretBytes] = []
    private var count = 0

    init(request: SecretBytes, answer: EventLoopPromise<SecretBytes>, pool: SecretPool, limit: Int) {
        self.request = request
        self.answer = answer
        self.pool = pool
        self.limit = limit
    }

    func channelActive(context: ChannelHandlerContext) {
        var buffer = context.channel.allocator.buffer(capacity: request.count)
        request.withBytes { bytes in
            bytes.withUnsafeBytes { _ = buffer.writeBytes($0) }
        }
        // A server may refuse before it has read everything; its answer may still come.
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        buffer.withUnsafeReadableBytes { pieces.append(SecretBytes(copying: $0.bytes, in: pool)) }
        count += buffer.readableBytes
        if count > limit { answer.fail(HTTPTransport.Failure.tooLarge) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        var all = SecretBuffer(in: pool)
        for piece in pieces { piece.withBytes { all.append($0) } }
        answer.succeed(all.finish())
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else { return context.fireUserInboundEventTriggered(event) }
        answer.fail(HTTPTransport.Failure.timedOut)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // An end without a farewell, or behind an answer; whether the answer was cut off is seen by its length.
        if case .uncleanShutdown = error as? NIOSSLError { return }
        guard pieces.isEmpty else { return context.close(promise: nil) }
        answer.fail(error)
    }
}
