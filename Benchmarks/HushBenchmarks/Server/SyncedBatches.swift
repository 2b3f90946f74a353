import Foundation
import Glibc
import Synchronization

/// The least that a durable answer takes: whoever calls waits until a page was written and synced after the call, and all
/// who wait at a time share one page.
final class SyncedBatches: Sendable {
    private let waiting = Mutex<[CheckedContinuation<Void, Never>]>([])
    private let arrival = DispatchSemaphore(value: 0)

    /// Begins to serve callers, on a thread of its own.
    init(descriptor: Int32) {
        let thread = Thread { [self] in
            let page = [UInt8](repeating: 7, count: 4096)
            for number in 0... {
                arrival.wait()
                let callers = waiting.withLock { waiting in
                    defer { waiting = [] }
                    return waiting
                }
                pwrite(descriptor, page, page.count, off_t(number % 64) * 4096)
                fdatasync(descriptor)
                for caller in callers { caller.resume() }
            }
        }
        thread.start()
    }

    /// Waits for the next page.
    func commit() async {
        await withCheckedContinuation { continuation in
            let isFirst = waiting.withLock { waiting in
                waiting.append(continuation)
                return waiting.count == 1
            }
            if isFirst { arrival.signal() }
        }
    }
}
