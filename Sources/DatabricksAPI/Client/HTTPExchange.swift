internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import SecretMemory

/// A request as it goes over the wire. It holds a credential, and maybe a value.
struct PreparedRequest: Sendable {
    let method: String
    /// Head and body.
    let message: SecretBytes

    /// Whether asking twice does no more than asking once (RFC 9110, section 9.2.2).
    var isSafe: Bool { method == "GET" }
}

/// A request on its way, and where the answer goes.
struct HTTPExchange: Sendable {
    /// What came back.
    struct Outcome: Sendable {
        var answer: HTTPAnswer
        /// Whether the connection can take a further request.
        var leavesConnection: Bool
    }

    let request: PreparedRequest
    let pool: SecretPool
    /// The most bytes of a body that are accepted.
    let limit: Int
    /// How long to wait for the other side to go on.
    let patience: TimeAmount
    let outcome: EventLoopPromise<Outcome>
}

/// Carries exchanges over a connection, one after the other: writes the request and collects the answer.
///
/// The answer's framing is read by NIO's decoder in front of it, from buffers that are overwritten before they are freed.
final class HTTPExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPExchange
    typealias OutboundOut = HTTPClientRequestPart

    private var first: HTTPExchange?
    private var current: HTTPExchange?
    private var head: HTTPResponseHead?
    private var body: SecretBuffer?
    private var isWritten = false
    private var silence: Scheduled<Void>?

    /// Creates a handler.
    ///
    /// - Parameter first: What is done as soon as there is a connection.
    private init(first: HTTPExchange) {
        self.first = first
    }

    /// Adds what a connection's plain side consists of.
    static func install(in handlers: ChannelPipeline.SynchronousOperations, first: HTTPExchange) throws {
        try handlers.addHandlers(
            PreparedRequestWriter(), ByteToMessageHandler(HTTPResponseDecoder()), HTTPExchangeHandler(first: first))
    }

    func channelActive(context: ChannelHandlerContext) {
        if let first { begin(first, context) }
        first = nil
        context.flush()
        context.fireChannelActive()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let exchange = unwrapOutboundIn(data)
        promise?.succeed()
        guard context.channel.isActive else { return exchange.outcome.fail(HTTPTransport.Failure.notSent) }
        begin(exchange, context)
    }

    private func begin(_ exchange: HTTPExchange, _ context: ChannelHandlerContext) {
        current = exchange
        head = nil
        body = SecretBuffer(in: exchange.pool)
        isWritten = false
        startWaiting(context)
        // Nothing of it is sent; the decoder wants to know which answers it is to expect.
        let expected = HTTPRequestHead(version: .http1_1, method: .init(rawValue: exchange.request.method), uri: "/")
        context.write(wrapOutboundOut(.head(expected)), promise: nil)
        let message = exchange.request.message
        var buffer = context.channel.allocator.buffer(capacity: message.count)
        message.withBytes { bytes in
            bytes.withUnsafeBytes { _ = buffer.writeBytes($0) }
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenSuccess { self.isWritten = true }
        // A server may refuse before it has read everything; its answer may still come.
        context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: written)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let current else { return context.close(promise: nil) }
        startWaiting(context)
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard head.headers["transfer-encoding"].allSatisfy({ $0.lowercased() == "chunked" }) else {
                return finish(.failure(HTTPTransport.Failure.notUnderstood), context)
            }
            self.head = head
        case .body(let piece):
            guard (body?.count ?? 0) + piece.readableBytes <= current.limit else {
                return finish(.failure(HTTPTransport.Failure.tooLarge), context)
            }
            piece.withUnsafeReadableBytes { body?.append($0.bytes) }
        case .end:
            guard let head, let body = body.take()?.finish() else { return }
            let answer = HTTPAnswer(
                status: Int(head.status.code),
                headers: Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { $1 },
                body: body
            )
            finish(.success(.init(answer: answer, leavesConnection: head.isKeepAlive && isWritten)), context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        let isCutOff = head != nil
        finish(
            .failure(isCutOff ? HTTPTransport.Failure.notUnderstood : HTTPTransport.Failure.closedWithoutAnswer),
            context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // An end without a farewell, or behind an answer; whether the answer was cut off is seen by its length.
        if case .uncleanShutdown = error as? NIOSSLError { return }
        finish(.failure(error), context)
        context.close(promise: nil)
    }

    private func finish(_ result: Result<HTTPExchange.Outcome, any Error>, _ context: ChannelHandlerContext) {
        silence?.cancel()
        silence = nil
        guard let current else { return }
        self.current = nil
        body = nil
        current.outcome.completeWith(result)
    }

    /// Gives the other side its time anew.
    private func startWaiting(_ context: ChannelHandlerContext) {
        silence?.cancel()
        guard let current else { return }
        silence = context.eventLoop.assumeIsolated().scheduleTask(in: current.patience) {
            self.finish(.failure(HTTPTransport.Failure.timedOut), context)
            context.close(promise: nil)
        }
    }
}

/// Sends the bytes of requests as they were prepared.
private final class PreparedRequestWriter: ChannelOutboundHandler {
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = ByteBuffer

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .body(.byteBuffer(let message)) = unwrapOutboundIn(data) else {
            promise?.succeed()
            return
        }
        context.write(wrapOutboundOut(message), promise: promise)
    }
}
