internal import Glibc
internal import SecretMemory

/// Threads for calls that wait.
///
/// Neither the threads that tasks share nor Dispatch's serve: both are few, and Dispatch notices only after a second
/// that all of its threads wait.
enum BlockingThread {
    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    /// Does `body` on a thread of its own, which ends with it.
    ///
    /// - Throws: ``SecretMemory/SystemCallError`` when there can be no more threads; then `body` is not called.
    static func detach(_ body: @escaping @Sendable () -> Void) throws(SystemCallError) {
        let work = Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let number = pthread_create(
            &thread,
            nil,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            },
            work.toOpaque()
        )
        guard number == 0 else {
            work.release()
            throw SystemCallError(call: "pthread_create", number: number)
        }
        pthread_detach(thread)
    }
}
