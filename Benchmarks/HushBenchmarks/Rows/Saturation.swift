import Foundation

/// Keeps an engine as busy as it can be, in a process of its own, until standard input ends.
struct Saturation {
    let folder: String

    func run() async throws {
        let store = try await WorkingStore.existing(folder).open()
        _ = try await store.read(callers: 64, each: 10)
        // Tells whoever started it that the work has begun.
        print("busy")
        fflush(nil)
        let work = Task { while !Task.isCancelled { _ = try await store.read(callers: 64, each: 100) } }
        await Self.inputEnd()
        work.cancel()
        try await work.value
    }

    private static func inputEnd() async {
        await withCheckedContinuation { continuation in
            // A thread of its own, since it blocks.
            let thread = Thread {
                var byte: UInt8 = 0
                while read(STDIN_FILENO, &byte, 1) > 0 {}
                continuation.resume()
            }
            thread.start()
        }
    }
}
