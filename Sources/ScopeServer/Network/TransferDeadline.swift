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
    /// When the request began to come in that is not complete yet.
    private var receivingSince: NIODeadline?
    /// Since when there is something of an answer that was not taken yet.
    private var sendingSince: NIODeadline?
    /// When it is next looked whether it is too late. One for the connection: a timer for each request would cost more
    /// than reading the clock.
    private var nextLook: Scheduled<Void>?
    private var unsentWrites = 0

    init(limit: TimeAmount) {
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if receivingSince == nil {
            receivingSince = .now()
            look(context)
        }
        context.fireChannelRead(data)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is RequestDidEnd else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        receivingSince = nil
        promise?.succeed()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        unsentWrites += 1
        if sendingSince == nil {
            sendingSince = .now()
            look(context)
        }
        let sent = promise ?? context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { [self] _ in didWrite() }
        context.write(data, promise: sent)
    }

    func channelInactive(context: ChannelHandlerContext) {
        nextLook?.cancel()
        nextLook = nil
        receivingSince = nil
        sendingSince = nil
        context.fireChannelInactive()
    }

    private func didWrite() {
        unsentWrites -= 1
        if unsentWrites == 0 { sendingSince = nil }
    }

    /// Closes the connection if it is too late, and sees to it that it is looked again when it may be.
    private func look(_ context: ChannelHandlerContext) {
        guard nextLook == nil, let begin = [receivingSince, sendingSince].compactMap({ $0 }).min() else { return }
        guard begin + limit > .now() else { return context.close(promise: nil) }
        nextLook = context.eventLoop.assumeIsolated().scheduleTask(deadline: begin + limit) { [self] in
            nextLook = nil
            look(context)
        }
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
