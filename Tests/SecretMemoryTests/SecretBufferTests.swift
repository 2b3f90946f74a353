import Foundation
import Glibc
import Testing

@testable import SecretMemory

struct SecretBufferTests {
    private let pool = SecretPool()

    @Test(arguments: [1, 3, 64, 65, 1000])
    func growsWithWhatIsAppended(chunk: Int) {
        let bytes = pattern(20_000)
        var buffer = SecretBuffer(in: pool)
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            buffer.append(Array(bytes[start..<min(start + chunk, bytes.count)]).span.bytes)
        }
        #expect(buffer.count == bytes.count)
        let secret = buffer.finish()
        #expect(secret.withBytes { $0.array } == bytes)
    }

    @Test func appendsSingleBytes() {
        var buffer = SecretBuffer(in: pool)
        for byte in pattern(300) { buffer.append(byte) }
        buffer.append([UInt8]().span.bytes)
        #expect(buffer.withBytes { $0.array } == pattern(300))
    }

    @Test func emptyBufferIsAnEmptySecret() {
        let buffer = SecretBuffer(in: pool)
        #expect(buffer.finish().count == 0)
    }

    @Test func blocksThatAreOutgrownAreZero() {
        var buffer = SecretBuffer(in: pool)
        buffer.append(pattern(64).span.bytes)
        let outgrown = buffer.withBytes { $0.withUnsafeBytes { $0.baseAddress } }
        buffer.append(1)
        let reused = ReusedBlock(pool: pool, count: 64)
        #expect(UnsafeRawPointer(reused.block.base) == outgrown)
        #expect(reused.isZero)
        #expect(buffer.count == 65)
        pool.release(reused.block)
    }

    @Test func blockIsZeroWhenTheBufferGoes() {
        var address: UnsafeRawPointer?
        do {
            var buffer = SecretBuffer(in: pool)
            buffer.append(pattern(100).span.bytes)
            address = buffer.withBytes { $0.withUnsafeBytes { $0.baseAddress } }
        }
        let reused = ReusedBlock(pool: pool, count: 100)
        #expect(UnsafeRawPointer(reused.block.base) == address)
        #expect(reused.isZero)
        pool.release(reused.block)
    }

    @Test func removedBytesAreZeroedAtOnce() {
        var buffer = SecretBuffer(in: pool)
        buffer.append(pattern(50).span.bytes)
        let address = buffer.withBytes { $0.withUnsafeBytes { $0.baseAddress } }
        buffer.removeLast(20)
        #expect(buffer.withBytes { $0.array } == pattern(30))
        let block = UnsafeRawBufferPointer(start: address, count: 64)
        #expect(block[30...].allSatisfy { $0 == 0 })
        buffer.removeLast(0)
        #expect(buffer.count == 30)
    }

    @Test func removingMoreThanThereIsStopsTheProcess() async {
        await #expect(processExitsWith: .failure) {
            var buffer = SecretBuffer(in: SecretPool())
            buffer.append(1)
            buffer.removeLast(2)
        }
    }

    @Test(arguments: [0, 1, 4095, 4096, 4097, 65_536, 300_000])
    func readsAPipeToItsEnd(count: Int) throws {
        let pipe = try Pipe()
        pipe.writeInBackground(pattern(count))
        var buffer = SecretBuffer(in: pool)
        let isComplete = try buffer.appendAll(from: pipe.reading, limit: 1_000_000)
        #expect(isComplete)
        #expect(buffer.withBytes { $0.array } == pattern(count))
    }

    @Test(arguments: [(0, 0), (10, 10), (4096, 4096), (4096, 5000), (0, 10)])
    func inputUpToTheLimitIsComplete(count: Int, limit: Int) throws {
        let pipe = try Pipe()
        pipe.writeInBackground(pattern(count))
        var buffer = SecretBuffer(in: pool)
        let isComplete = try buffer.appendAll(from: pipe.reading, limit: limit)
        #expect(isComplete)
        #expect(buffer.count == count)
    }

    @Test(arguments: [(1, 0), (11, 10), (5000, 10), (5000, 4096), (5000, 4999)])
    func inputBeyondTheLimitIsRefusedAndLeftUnread(count: Int, limit: Int) throws {
        let pipe = try Pipe()
        pipe.writeInBackground(pattern(count))
        var buffer = SecretBuffer(in: pool)
        let isComplete = try buffer.appendAll(from: pipe.reading, limit: limit)
        #expect(!isComplete)
        #expect(buffer.withBytes { $0.array } == Array(pattern(count)[..<limit]))
        var rest = SecretBuffer(in: pool)
        _ = try rest.appendAll(from: pipe.reading, limit: 100_000)
        #expect(rest.count == count - limit - 1)
    }

    @Test func limitCountsWhatWasThereBefore() throws {
        let pipe = try Pipe()
        pipe.writeInBackground(pattern(10))
        var buffer = SecretBuffer(in: pool)
        buffer.append(pattern(20).span.bytes)
        let isComplete = try buffer.appendAll(from: pipe.reading, limit: 25)
        #expect(!isComplete)
        #expect(buffer.withBytes { $0.array } == pattern(20) + pattern(5))
    }

    @Test func nonBlockingDescriptorIsWaitedFor() throws {
        let pipe = try Pipe(isBlocking: false)
        let bytes = pattern(200)
        let writing = pipe.writing
        let reading = pipe.reading
        Thread.detachNewThread {
            for byte in bytes {
                _ = withUnsafeBytes(of: byte) { write(writing, $0.baseAddress, 1) }
                // The next byte comes only when the reader has found the pipe empty.
                var left: Int32 = 1
                while left > 0 { if ioctl(reading, UInt(FIONREAD), &left) != 0 { break } }
            }
            close(writing)
        }
        var buffer = SecretBuffer(in: pool)
        let isComplete = try buffer.appendAll(from: reading, limit: 1000)
        #expect(isComplete)
        #expect(buffer.withBytes { $0.array } == bytes)
    }

    @Test(arguments: [Int32(-1), 100_000])
    func descriptorThatIsNotOpenIsASystemCallError(descriptor: Int32) {
        #expect(throws: SystemCallError(call: "read", number: EBADF)) {
            var buffer = SecretBuffer(in: pool)
            _ = try buffer.appendAll(from: descriptor, limit: 10)
        }
    }

    @Test func systemCallErrorNamesCallAndReason() {
        #expect(SystemCallError(call: "read", number: EISDIR).description == "read: Is a directory")
    }
}

/// A pipe of the kernel, whose reading end is closed with the instance.
private final class Pipe {
    let reading: Int32
    let writing: Int32

    init(isBlocking: Bool = true) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw SystemCallError(call: "pipe", number: errno) }
        reading = ends[0]
        writing = ends[1]
        if !isBlocking, fcntl(reading, F_SETFL, O_NONBLOCK) != 0 {
            throw SystemCallError(call: "fcntl", number: errno)
        }
    }

    deinit {
        close(reading)
    }

    /// Writes on a thread of its own, since a pipe holds less than what is written to it, then closes that end.
    func writeInBackground(_ bytes: [UInt8]) {
        let writing = writing
        Thread.detachNewThread {
            var done = 0
            while done < bytes.count {
                let written = bytes[done...].withUnsafeBytes { write(writing, $0.baseAddress, $0.count) }
                guard written > 0 else { break }
                done += written
            }
            close(writing)
        }
    }
}
