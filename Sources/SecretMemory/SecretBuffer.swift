import Glibc

/// Collects a secret whose length is not known in advance, such as a value read from standard input.
///
/// Every block that the buffer outgrows is zeroed at once.
public struct SecretBuffer: ~Copyable {
    private let pool: SecretPool
    private var block: SecretPool.Block
    /// The number of bytes collected so far.
    public private(set) var count = 0

    /// Creates an empty buffer.
    public init(in pool: SecretPool) {
        self.pool = pool
        self.block = pool.allocate(1)
    }

    deinit {
        pool.release(block)
    }

    /// Appends one byte.
    public mutating func append(_ byte: UInt8) {
        reserve(1)
        block.base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    /// Appends a copy of `bytes`.
    public mutating func append(_ bytes: RawSpan) {
        guard bytes.byteCount > 0 else { return }
        reserve(bytes.byteCount)
        let target = UnsafeMutableRawBufferPointer(start: block.base + count, count: bytes.byteCount)
        bytes.withUnsafeBytes { target.copyMemory(from: $0) }
        count += bytes.byteCount
    }

    /// Removes the last `number` bytes and zeroes them.
    public mutating func removeLast(_ number: Int) {
        precondition(number >= 0 && number <= count, "cannot remove more bytes than there are")
        explicit_bzero(block.base + (count - number), number)
        count -= number
    }

    /// Appends what can be read from `descriptor` until its end. Waits for input when the descriptor is non-blocking.
    ///
    /// - Parameters:
    ///   - descriptor: an open file, pipe, socket or terminal.
    ///   - limit: the number of bytes that the buffer may hold afterwards, those from before included.
    /// - Returns: `false` when more came. The buffer then holds exactly `limit` bytes, or what it held before when that
    ///   was more; one byte has been taken from the descriptor and dropped, the rest is left unread.
    /// - Throws: ``SystemCallError`` when reading fails. What was read before that stays in the buffer.
    public mutating func appendAll(from descriptor: Int32, limit: Int) throws(SystemCallError) -> Bool {
        while true {
            let permitted = max(0, limit - count)
            reserve(Self.readSize)
            // At the limit one more byte is asked for: only that tells the end of the input from too much of it.
            let room = min(block.capacity - count, max(permitted, 1))
            let received = read(descriptor, block.base + count, room)
            switch received {
            case 0:
                return true
            case 1... where permitted == 0:
                explicit_bzero(block.base + count, received)
                return false
            case 1...:
                count += received
            default:
                try Self.recover(from: errno, on: descriptor)
            }
        }
    }

    /// Lends the bytes collected so far.
    public borrowing func withBytes<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try body(RawSpan(_unsafeStart: block.base, byteCount: count))
    }

    /// The collected bytes as a secret; the buffer itself is zeroed when it goes.
    public consuming func finish() -> SecretBytes {
        withBytes { SecretBytes(copying: $0, in: pool) }
    }

    private static let readSize = 4096

    /// Returns when the read is to be tried again, after waiting for input where there is none yet.
    private static func recover(from number: Int32, on descriptor: Int32) throws(SystemCallError) {
        switch number {
        case EINTR:
            return
        case EAGAIN:
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&request, 1, -1) < 0, errno != EINTR { throw SystemCallError(call: "poll", number: errno) }
        default:
            throw SystemCallError(call: "read", number: number)
        }
    }

    /// Makes room for `number` more bytes.
    private mutating func reserve(_ number: Int) {
        guard number > block.capacity - count else { return }
        let larger = pool.allocate(max(count + number, block.capacity * 2))
        larger.base.copyMemory(from: block.base, byteCount: count)
        pool.release(block)
        block = larger
    }
}
