import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A vault that takes no time: answers what AWS Secrets Manager would answer, from memory, without a look at who asks. It
/// has a port of this machine and a thread of its own.
final class CannedVault: Sendable {
    /// What it does with requests.
    enum Manner: Sendable {
        /// It answers each at once.
        case answering
        /// It takes connections and never says anything.
        case silent
    }

    /// Where it listens, as a link begins.
    let address: String
    private let requests: RequestCount

    private init(address: String, requests: RequestCount) {
        self.address = address
        self.requests = requests
    }

    /// How many requests it has answered so far.
    var answered: Int { requests.value }

    /// Runs `body` with a vault that ends behind it.
    static func running<Success>(
        _ manner: Manner, _ body: (CannedVault) async throws -> Success
    ) async throws -> Success {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let requests = RequestCount()
        let answers = CannedAnswers()
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard manner == .answering else { return }
                    let handlers = channel.pipeline.syncOperations
                    try handlers.configureHTTPServerPipeline(withErrorHandling: false)
                    try handlers.addHandler(CannedVaultHandler(answers, requests))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        let result: Result<Success, any Error>
        do {
            result = .success(try await body(CannedVault(address: "http://127.0.0.1:\(port)", requests: requests)))
        } catch {
            result = .failure(error)
        }
        try await channel.close()
        try await group.shutdownGracefully()
        return try result.get()
    }
}

/// How many requests were answered.
private final class RequestCount: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func increase() {
        count.withLock { $0 += 1 }
    }
}

/// Answers each request when its end has come.
private final class CannedVaultHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answers: CannedAnswers
    private let requests: RequestCount
    private var isList = false
    private var body = ByteBuffer()

    init(_ answers: CannedAnswers, _ requests: RequestCount) {
        self.answers = answers
        self.requests = requests
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            isList = head.headers.first(name: "x-amz-target")?.hasSuffix("ListSecrets") ?? false
            body.clear()
        case .body(let part):
            if isList { body.writeImmutableBuffer(part) }
        case .end:
            requests.increase()
            let answer = isList ? answers.page(askedForBy: body) : answers.value
            let headers: HTTPHeaders = [
                "content-type": "application/x-amz-json-1.1", "content-length": String(answer.readableBytes),
            ]
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(answer))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
