internal import AsyncHTTPClient
internal import ErasingBuffers
internal import NIOCore
internal import NIOHTTP1
internal import SecretMemory
internal import Synchronization

/// One request on its way, and what came back of it so far.
///
/// It is begun and goes on on one event loop, whatever it waits for, so that the caller is left once and come back to once.
/// The deadline is kept by the HTTP client, until the last byte of the answer.
final class VaultExchange: HTTPClientResponseDelegate {
    typealias Response = VaultAnswer

    /// The most bytes of an answer: a page of a list is the longest.
    private static let largestAnswer = 16 * 1024 * 1024

    private struct State {
        var status = 0
        var headers: [(name: String, value: String)] = []
        var pieces: [SecretBytes] = []
        var count = 0
        var task: HTTPClient.Task<VaultAnswer>?
        var isCancelled = false
    }

    private let state = Mutex(State())
    private let pool: SecretPool

    private init(pool: SecretPool) {
        self.pool = pool
    }

    /// Sends a request and waits for the whole answer.
    ///
    /// - Throws: What the HTTP client tells, `HTTPClientError.cancelled` for a caller that is cancelled, or
    ///   ``VaultFailure`` for an answer that is too long.
    static func answer(
        to request: HTTPClient.Request, over client: HTTPClient, until deadline: NIODeadline, in pool: SecretPool
    ) async throws -> VaultAnswer {
        let exchange = VaultExchange(pool: pool)
        let loop = client.eventLoopGroup.any()
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                loop.execute {
                    let task = client.execute(
                        request: request, delegate: exchange, eventLoop: .delegate(on: loop), deadline: deadline)
                    task.futureResult.whenComplete { continuation.resume(with: $0) }
                    exchange.begin(task)
                }
            }
        } onCancel: {
            exchange.cancel()
        }
    }

    private func begin(_ task: HTTPClient.Task<VaultAnswer>) {
        let isCancelled = state.withLock { state in
            state.task = task
            return state.isCancelled
        }
        if isCancelled { task.cancel() }
    }

    private func cancel() {
        let task = state.withLock { state in
            state.isCancelled = true
            return state.task
        }
        task?.cancel()
    }

    // MARK: What comes back

    func didReceiveHead(task: HTTPClient.Task<VaultAnswer>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        state.withLock { state in
            state.status = Int(head.status.code)
            state.headers = head.headers.map { ($0.name, $0.value) }
        }
        // Nobody waits for what is not going to be taken.
        let announced = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        return announced <= Self.largestAnswer ? task.eventLoop.makeSucceededVoidFuture() : tooLong(on: task.eventLoop)
    }

    func didReceiveBodyPart(task: HTTPClient.Task<VaultAnswer>, _ part: ByteBuffer) -> EventLoopFuture<Void> {
        let piece = part.withUnsafeReadableBytes { SecretBytes(copying: $0.bytes, in: pool) }
        part.overwriteReadableBytes()
        let count = state.withLock { state in
            state.pieces.append(piece)
            state.count += piece.count
            return state.count
        }
        return count <= Self.largestAnswer ? task.eventLoop.makeSucceededVoidFuture() : tooLong(on: task.eventLoop)
    }

    private func tooLong(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        eventLoop.makeFailedFuture(
            VaultFailure(.notUnderstood, detail: "its answer has more than \(Self.largestAnswer) bytes"))
    }

    func didFinishRequest(task: HTTPClient.Task<VaultAnswer>) throws -> VaultAnswer {
        let (status, headers, pieces) = state.withLock { state in
            // The client's task and this exchange hold each other.
            state.task = nil
            return (state.status, state.headers, state.pieces)
        }
        if pieces.count == 1 { return VaultAnswer(status: status, headers: headers, body: pieces[0]) }
        var whole = SecretBuffer(in: pool)
        for piece in pieces { piece.withBytes { whole.append($0) } }
        return VaultAnswer(status: status, headers: headers, body: whole.finish())
    }

    func didReceiveError(task: HTTPClient.Task<VaultAnswer>, _ error: any Error) {
        state.withLock { $0.task = nil }
    }
}
