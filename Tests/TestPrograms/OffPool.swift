import Foundation

/// Does work that waits on a thread of its own: waiting on the threads that tasks share, the tests would stop the very
/// server that they wait for.
package func offPool<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            continuation.resume(with: Swift.Result { try work() })
        }
    }
}
