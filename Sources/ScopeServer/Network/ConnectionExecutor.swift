internal import NIOCore

/// Runs what a connection's requests do on the connection's own event loop.
///
/// Without it every step of a request would go from the event loop's thread to one of the runtime's pool and back, and
/// waking a thread takes longer than answering most requests. In return a request that computes for long holds up the
/// other connections of its event loop. Transactions are on a thread of their own; what goes through the whole record
/// leaves the event loop by ``offEventLoop(_:)``.
final class ConnectionExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}

/// Does what takes long on the runtime's own threads, so that no connection waits for it.
func offEventLoop<Result: Sendable>(_ body: @Sendable () async throws -> Result) async rethrows -> Result {
    try await withTaskExecutorPreference(globalConcurrentExecutor) { try await body() }
}
