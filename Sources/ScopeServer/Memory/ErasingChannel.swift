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

    /// Creates the set-up for connections that `responder` answers.
    init(responder: @escaping HTTPChannelHandler.Responder, configuration: HTTP1Channel.Configuration) {
        self.http = HTTP1Channel(responder: responder, configuration: configuration)
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Connection> {
        channel.setOption(.allocator, value: .erasing).flatMap {
            http.setup(channel: channel, logger: logger).map { Connection($0) }
        }
    }

    func handle(value: Connection, logger: Logger) async {
        await http.handle(value: value.http, logger: logger)
    }
}
