import Glibc
import Processes
import Testing

@testable import Runs

@Suite struct OutputQueueTests {
    private func pipe() throws -> Pipe {
        try Pipe()
    }

    private func contents(of pipe: Pipe) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(pipe.reading.number, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
    }

    @Test func everythingComesOutInOrderAndNoWriteBlocks() throws {
        let pipe = try pipe()
        let queue = OutputQueue(descriptor: pipe.writing.number)
        let wanted = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
        for start in stride(from: 0, to: wanted.count, by: 70_000) {
            queue.append(Array(wanted[start...].prefix(70_000)).span.bytes)
        }
        var found: [UInt8] = []
        while !queue.isEmpty {
            // More than the pipe takes: it must come back all the same.
            queue.flush()
            found += contents(of: pipe)
        }
        #expect(found == wanted)
    }

    @Test func readerThatIsGoneEndsIt() throws {
        let before = signal(SIGPIPE, SIG_IGN)
        defer { signal(SIGPIPE, before) }
        var ends: Pipe? = try pipe()
        let writer = dup(ends?.writing.number ?? -1)
        defer { close(writer) }
        ends = nil
        let queue = OutputQueue(descriptor: writer)
        queue.append(([1, 2, 3] as [UInt8]).span.bytes)
        #expect(!queue.isEmpty && queue.failure == nil)
        queue.flush()
        #expect(queue.isEmpty && queue.failure == EPIPE)
        queue.append(([4] as [UInt8]).span.bytes)
        #expect(queue.isEmpty)
    }

    @Test func filesTakeEverythingAtOnce() throws {
        let descriptor = open("/dev/null", O_WRONLY)
        defer { close(descriptor) }
        let queue = OutputQueue(descriptor: descriptor)
        queue.append([UInt8](repeating: 0, count: 1 << 20).span.bytes)
        queue.flush()
        #expect(queue.isEmpty && queue.failure == nil)
    }
}
