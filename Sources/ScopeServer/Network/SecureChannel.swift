internal import ErasingBuffers
internal import HummingbirdCore
internal import HummingbirdHTTP2
internal import Logging
internal import NIOCore
internal import NIOHTTP2
internal import NIOSSL
internal import NIOTLS

/// A TLS connection that speaks HTTP/2 or HTTP/1.1, as the client wishes (ALPN), and whose buffers are overwritten before
/// they are freed.
///
/// A connection has at most 100 streams at a time and 16 KiB of headers for each, which is what NIO's HTTP/2 offers by
/// default; windows bound what a client can send beyond what is read.
struct SecureChannel: ServerChildChannel {
    /// An accepted connection, which is closed when it is let go; see ``ErasingChannel/Connection``.
    final class Connection: ServerChildChannelValue {
        fileprivate enum Negotiated: Sendable {
            case http1(ErasingChannel.Connection)
            case http2(HTTP2Channel.Value)
        }

        fileprivate let negotiated: EventLoopFuture<Negotiated>
        let channel: any Channel

        fileprivate init(_ negotiated: EventLoopFuture<Negotiated>, _ channel: any Channel) {
            self.negotiated = negotiated
            self.channel = channel
        }

        deinit {
            channel.closeFuture.whenComplete { [negotiated] _ in withExtendedLifetime(negotiated) {} }
            channel.close(promise: nil)
        }
    }

    private let context: NIOSSLContext
    private let http1: ErasingChannel
    private let http2: HTTP2Channel
    private let limits: NetworkServer.Limits?

    /// Creates the set-up for connections that `responder` answers.
    ///
    /// - Throws: When certificate and key cannot be used.
    init(
        responder: @escaping HTTPChannelHandler.Responder,
        identity: TLSIdentity,
        limits: NetworkServer.Limits?,
        record: @escaping NetworkServer.UnreadableRecorder
    ) throws {
        self.context = try NIOSSLContext(configuration: identity.configuration)
        self.http1 = ErasingChannel(responder: responder, limits: limits, record: record)
        self.limits = limits
        let streams = limits.map { limits in
            HTTP1Channel.Configuration(
                additionalChannelHandlers: [StreamDeadline(limit: TimeAmount(limits.transfer))])
        }
        self.http2 = HTTP2Channel(
            responder: responder,
            configuration: HTTP2ChannelConfiguration(
                idleTimeout: limits?.idle,
                gracefulCloseTimeout: limits?.transfer,
                streamConfiguration: streams ?? HTTP1Channel.Configuration()
            )
        )
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Connection> {
        channel.setOption(.allocator, value: .erasing).flatMapThrowing {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(NIOSSLServerHandler(context: context))
            let negotiation = NIOTypedApplicationProtocolNegotiationHandler<Connection.Negotiated> { result in
                guard case .negotiated("h2") = result else {
                    return http1.setup(channel: channel, logger: logger).map { .http1($0) }
                }
                return http2.setup(channel: channel, logger: logger).flatMapThrowing { value in
                    if let limits {
                        let idle = TimeAmount(limits.idle + limits.transfer)
                        try channel.pipeline.syncOperations.addHandler(StreamlessDeadline(limit: idle))
                    }
                    return .http2(value)
                }
            }
            try pipeline.addHandler(negotiation)
            let negotiated = negotiation.protocolNegotiationResult
            if let limits {
                // Until then nothing of HTTP is there that would measure the time.
                let handshake = channel.eventLoop.scheduleTask(in: TimeAmount(limits.transfer)) {
                    channel.close(promise: nil)
                }
                negotiated.whenComplete { _ in handshake.cancel() }
            }
            return Connection(negotiated, channel)
        }
    }

    func handle(value: Connection, logger: Logger) async {
        await withTaskExecutorPreference(ConnectionExecutor(value.channel.eventLoop)) {
            switch try? await value.negotiated.get() {
            case .http1(let connection): await http1.handle(value: connection, logger: logger)
            case .http2(let connection): await http2.handle(value: connection, logger: logger)
            case nil: value.channel.close(promise: nil)
            }
        }
    }
}
