internal import Glibc

/// Output on its way to a descriptor, written only when that does not block, so that a reader that is slow or gone
/// keeps nobody from the child's other output, its signals and its end.
///
/// Used on the child's own thread only.
public final class OutputQueue {
    /// A pipe or a terminal that says it has room takes at least so much without blocking (`PIPE_BUF`).
    private static let pieceSize = 4096

    /// The descriptor.
    public let descriptor: Int32
    /// Why nothing more can be written, as a value of `errno`; `EPIPE` when the reader has gone away.
    public private(set) var failure: Int32?

    private let pieceSize: Int
    private var bytes: [UInt8] = []
    private var start = 0

    /// Creates a queue in front of `descriptor`, which stays open as long as the queue is used.
    public init(descriptor: Int32) {
        self.descriptor = descriptor
        var status = stat()
        let kind = fstat(descriptor, &status) == 0 ? status.st_mode & S_IFMT : 0
        var isTerminal: Bool { isatty(descriptor) == 1 }
        // Files never say that they have no room.
        self.pieceSize = kind == S_IFREG || (kind == S_IFCHR && !isTerminal) ? .max : Self.pieceSize
    }

    /// Whether everything has been written, or nothing can be any more.
    public var isEmpty: Bool { bytes.isEmpty }

    /// Puts `span` behind what waits.
    public func append(_ span: RawSpan) {
        guard failure == nil else { return }
        span.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    /// Writes as much as can be written without waiting.
    public func flush() {
        while !isEmpty, isReady { writePiece() }
    }

    private var isReady: Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&request, 1, 0) > 0
    }

    private func writePiece() {
        let count = bytes.withUnsafeBytes { bytes in
            let piece = UnsafeRawBufferPointer(rebasing: bytes[start...].prefix(pieceSize))
            return write(descriptor, piece.baseAddress, piece.count)
        }
        if count >= 0 {
            start += count
        } else if errno != EINTR, errno != EAGAIN {
            failure = errno
            start = bytes.count
        }
        guard start == bytes.count else { return }
        bytes.removeAll(keepingCapacity: true)
        start = 0
    }
}
