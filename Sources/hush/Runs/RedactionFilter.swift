import Glibc
import Redaction

/// A file that cannot be read.
struct UnreadableFile: Error, CustomStringConvertible {
    var path: String
    var number: Int32

    var description: String { "\(path) cannot be read (\(String(cString: strerror(number))))." }
}

/// Copies whole inputs through a redactor, in blocks, whatever the length of their lines.
struct RedactionFilter {
    /// Large enough that calls of the system cost nothing, small enough to stay in a processor's cache.
    private static let blockSize = 256 * 1024
    /// So long a terminal waits for what may become a value.
    private static let idleMilliseconds: Int32 = 20

    let redactor: Redactor
    /// Whether to report what was redacted.
    let isReporting: Bool

    /// Copies what is left of `input` to `output`, or only looks at it.
    ///
    /// - Returns: What was redacted; empty unless that is to be reported.
    /// - Throws: ``UnreadableFile`` when reading fails; what was read before has been written then. What writing throws.
    func copy(_ input: Int32, named name: String, to output: TextOutput?) throws -> RedactionReport {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.blockSize, alignment: 4096)
        defer {
            if let base = block.baseAddress { explicit_bzero(base, block.count) }
            block.deallocate()
        }
        let writer = BlockWriter(output: output)
        var stream = redactor.makeStream(reporting: isReporting)
        let isWatched = output?.isTerminal == true
        var failure: UnreadableFile?
        while true {
            if isWatched, !Self.isReady(input) {
                try stream.releaseIdle { try writer.write($0) }
                try writer.flush()
            }
            let count = read(input, block.baseAddress, block.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { failure = UnreadableFile(path: name, number: errno) }
            guard count > 0 else { break }
            let bytes = RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: block[..<count]))
            try stream.feed(bytes) { try writer.write($0) }
            // A full block is followed by another one; after less, somebody may wait for what there is.
            if count < block.count { try writer.flush() }
        }
        try stream.finish { try writer.write($0) }
        try writer.flush()
        if let failure { throw failure }
        return stream.report ?? RedactionReport()
    }

    private static func isReady(_ input: Int32) -> Bool {
        var request = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
        return poll(&request, 1, idleMilliseconds) != 0
    }
}

/// Gathers small pieces of output and writes large ones without a copy.
private final class BlockWriter {
    private static let size = 64 * 1024
    /// Copying costs less than a call of the system up to about here.
    private static let largestCopied = 16 * 1024

    /// `nil` throws everything away.
    private let output: TextOutput?
    private let buffer: UnsafeMutableRawBufferPointer
    private var count = 0

    init(output: TextOutput?) {
        self.output = output
        self.buffer = .allocate(byteCount: Self.size, alignment: 64)
    }

    deinit {
        buffer.deallocate()
    }

    func write(_ span: RawSpan) throws {
        guard output != nil else { return }
        try span.withUnsafeBytes { bytes in
            if bytes.count > Self.largestCopied || bytes.count > buffer.count - count { try flush() }
            guard bytes.count <= Self.largestCopied else {
                try output?.write(bytes)
                return
            }
            UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(from: bytes)
            count += bytes.count
        }
    }

    func flush() throws {
        guard count > 0 else { return }
        try output?.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        count = 0
    }
}
