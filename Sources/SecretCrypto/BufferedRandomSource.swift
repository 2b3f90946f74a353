import SecretMemory
import Synchronization

/// OpenSSL's random bytes, generated 4 KiB at a time: for the many short ids and nonces of a busy process.
///
/// Not for keys and tokens. A child made by `fork` never sees bytes that its parent will use: the kernel hands it an
/// empty buffer. Bytes are zeroed when they are handed out, so that later ones tell nothing about earlier ones.
public final class BufferedRandomSource: RandomSource {
    /// Requests above this size are not buffered.
    private static let largestBuffered = 256

    private let buffer: Mutex<Buffer>
    private let system = SystemRandomSource()

    /// Creates the source with an empty buffer.
    public init() {
        buffer = Mutex(Buffer())
    }

    deinit {
        buffer.withLock { $0.mapping.unmap() }
    }

    /// Overwrites all of `target` with random bytes.
    public func fill(_ target: UnsafeMutableRawBufferPointer) {
        guard target.count <= Self.largestBuffered, buffer.withLock({ $0.take(target) }) else {
            system.fill(target)
            return
        }
    }

    /// Pages that hold, at their start, the number of unused bytes, and at their end those bytes.
    private struct Buffer {
        let mapping = LockedMapping(atLeast: 4096)
        let isWipedOnFork: Bool

        init() {
            isWipedOnFork = mapping.wipeOnFork()
        }

        /// Fills `target`, or returns `false` when the kernel does not wipe the buffer in forked children.
        func take(_ target: UnsafeMutableRawBufferPointer) -> Bool {
            guard isWipedOnFork else { return false }
            // Kept in the wiped pages itself: after a fork the child reads zero and fills its own buffer.
            var left = mapping.base.load(as: Int.self)
            if left < target.count {
                left = mapping.size - MemoryLayout<Int>.size
                SystemRandomSource().fill(UnsafeMutableRawBufferPointer(start: end - left, count: left))
            }
            let bytes = UnsafeMutableRawBufferPointer(start: end - left, count: target.count)
            target.copyMemory(from: UnsafeRawBufferPointer(bytes))
            bytes.initializeMemory(as: UInt8.self, repeating: 0)
            mapping.base.storeBytes(of: left - target.count, as: Int.self)
            return true
        }

        private var end: UnsafeMutableRawPointer { mapping.base + mapping.size }
    }
}
