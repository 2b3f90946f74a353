internal import ErasingBuffers
internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// An HTTP/1.1 connection whose buffers are overwritten before they are freed.
struct ErasingChannel: ServerChildChannel {
    /// An accepted connection, which is closed when it is let go.
    ///
    /// A server that stops while a client connects lets go of the connection without a look at it. NIO ends the process
    /// when that happens to a connection that is still open.
    final class Connection: ServerChildChannelValue {
        fileprivate let http: HTTP1Channel.Value

        var channel: any Channel { http.channel }

        fileprivate init(_ http: HTTP1Channel.Value) {
            self.http = http
        }

        deinit {
            http.channel.closeFuture.whenComplete { [http] _ in withExtendedLifetime(http) {} }
            http.channel.close(promise: nil)
        }
    }

    private let http: HTTP1Channel
    private let deadline: TimeAmount?

    /// Creates the set-up for connections that `responder` answers.
    ///
    /// - Parameter record: Records what cannot be read as a request.
    init(
        responder: @escaping HTTPChannelHandler.Responder,
        limits: NetworkServer.Limits?,
        record: @escaping NetworkServer.UnreadableRecorder
    ) {
        self.deadline = limits.map { TimeAmount($0.transfer) }
        self.http = HTTP1Channel(
            responder: responder,
            configuration: limits.map { HTTP1Channel.Configuration($0, record: record) } ?? HTTP1Channel.Configuration()
        )
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Connection> {
        channel.setOption(.allocator, value: .erasing).flatMapThrowing {
            guard let deadline else { return }
            try channel.pipeline.syncOperations.addHandler(TransferDeadline(limit: deadline))
        }.flatMap {
            http.setup(channel: channel, logger: logger).map { Connection($0) }
        }
    }

    func handle(value: Connection, logger: Logger) async {
        await withTaskExecutorPreference(ConnectionExecutor(value.channel.eventLoop)) {
            await http.handle(value: value.http, logger: logger)
        }
    }
}

extension HTTP1Channel.Configuration {
    /// The part of the limits that the parser and the idle timer keep.
    fileprivate init(_ limits: NetworkServer.Limits, record: @escaping NetworkServer.UnreadableRecorder) {
        self.init(
            additionalChannelHandlers: [UnreadableRequests(record: record), RequestEndReporter()],
            idleTimeout: TimeAmount(limits.idle),
            httpDecoderConfiguration: DecoderConfiguration(
                maxHeaderFieldSize: limits.headerBytes,
                maxHeaderListSize: limits.headerBytes,
                maxHeaderFieldCount: limits.headers
            )
        )
    }
}
