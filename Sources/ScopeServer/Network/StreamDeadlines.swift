internal import NIOCore
internal import NIOHTTPTypes

/// Ends streams of HTTP/2 whose client sends a request, or takes an answer, too slowly.
final class StreamDeadline: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limit: TimeAmount
    private var receiving: Scheduled<Void>?
    private var sending: Scheduled<Void>?
    private var unsentWrites = 0
    private var connection: StreamlessDeadline?

    init(limit: TimeAmount) {
        self.limit = limit
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // Stream and connection share an event loop.
        connection = try? context.channel.parent?.pipeline.syncOperations.handler(type: StreamlessDeadline.self)
        connection?.streamDidBegin()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .end = unwrapInboundIn(data) {
            receiving?.cancel()
            receiving = nil
        } else if receiving == nil {
            receiving = close(context)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        unsentWrites += 1
        if sending == nil { sending = close(context) }
        let sent = promise ?? context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { [self] _ in didWrite() }
        context.write(data, promise: sent)
    }

    func channelInactive(context: ChannelHandlerContext) {
        receiving?.cancel()
        sending?.cancel()
        receiving = nil
        sending = nil
        connection?.streamDidEnd()
        connection = nil
        context.fireChannelInactive()
    }

    private func didWrite() {
        unsentWrites -= 1
        guard unsentWrites == 0 else { return }
        sending?.cancel()
        sending = nil
    }

    private func close(_ context: ChannelHandlerContext) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: limit) { context.close(promise: nil) }
    }
}

/// Closes connections of HTTP/2 that have had no stream for too long.
///
/// Hummingbird asks such a client to go, and waits until it answers; this is for one that does not, or that never ends the
/// headers of its first request.
final class StreamlessDeadline: ChannelInboundHandler {
    typealias InboundIn = Any

    private let limit: TimeAmount
    private var streams = 0
    private var closing: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    init(limit: TimeAmount) {
        self.limit = limit
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        wait()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        closing?.cancel()
        closing = nil
        self.context = nil
    }

    func streamDidBegin() {
        streams += 1
        closing?.cancel()
        closing = nil
    }

    func streamDidEnd() {
        streams -= 1
        if streams == 0 { wait() }
    }

    private func wait() {
        guard let context else { return }
        closing = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { context.close(promise: nil) }
    }
}
