internal import NIOCore
internal import NIOHTTPTypes

/// Closes connections whose client sends a request, or takes an answer, too slowly.
///
/// It stands where bytes come in, in front of the parser, since a client may also be slow with a request's head; that a
/// request is complete it is told by ``RequestEndReporter`` behind the parser.
final class TransferDeadline: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    /// The event that says that a request's last byte was read.
    struct RequestDidEnd: Sendable {}

    private let limit: TimeAmount
    private var receiving: Scheduled<Void>?
    private var sending: Scheduled<Void>?
    private var unsentWrites = 0

    init(limit: TimeAmount) {
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if receiving == nil { receiving = close(context) }
        context.fireChannelRead(data)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is RequestDidEnd else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        receiving?.cancel()
        receiving = nil
        promise?.succeed()
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

/// Tells ``TransferDeadline`` that a request is complete.
final class RequestEndReporter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .end = unwrapInboundIn(data) {
            context.triggerUserOutboundEvent(TransferDeadline.RequestDidEnd(), promise: nil)
        }
        context.fireChannelRead(data)
    }
}
