internal import DatabricksAPI
internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import SecretScopes

/// Gives the answer to what is not HTTP, or has too large a head, a body like that of every other refusal, after it was
/// recorded.
///
/// Such a request never reaches a route: the HTTP library answers it by a bare 400 and closes the connection.
final class UnreadableRequests: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private static let body = Answer.error(
        ScopeError(.malformedRequest, "The request is not valid HTTP, or its head is too large."))

    private let record: NetworkServer.UnreadableRecorder
    private var isBroken = false
    private var isRefusing = false

    /// - Parameter record: Records such a request of a client's address.
    init(record: @escaping NetworkServer.UnreadableRecorder) {
        self.record = record
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, !isBroken else { return context.fireErrorCaught(error) }
        isBroken = true
        let address = context.remoteAddress?.ipAddress
        context.eventLoop.makeFutureWithTask { [record] in await record(address) }
            .assumeIsolated().whenComplete { _ in context.fireErrorCaught(error) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard isBroken else { return context.write(data, promise: promise) }
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status == .badRequest && head.headerFields[.contentLength] == "0":
            isRefusing = true
            head.headerFields[.contentLength] = String(Self.body.count)
            head.headerFields[.contentType] = "application/json"
            head.headerFields[.cacheControl] = "no-store"
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end where isRefusing:
            let body = context.channel.allocator.buffer(bytes: Self.body)
            context.write(wrapOutboundOut(.body(body)), promise: nil)
            context.write(data, promise: promise)
        default: context.write(data, promise: promise)
        }
    }
}
