import Foundation
import Glibc

/// This process's own memory, looked through as a debugger would.
enum ProcessMemory {
    struct Unreadable: Error {}

    private static let chunkSize = 1 << 20
    private static let pageSize: UInt = 4096

    /// How often the bytes stand in writable memory that are `masked` with every bit inverted.
    static func count(of masked: [UInt8]) throws -> Int {
        // What is searched for, and what is read, have memory of their own, which is left out of the search.
        let ownSize = 2 * chunkSize
        guard
            let own = mmap(nil, ownSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            own != MAP_FAILED
        else { throw Unreadable() }
        defer { munmap(own, ownSize) }
        let memory = open("/proc/self/mem", O_RDONLY)
        guard memory >= 0 else { throw Unreadable() }
        defer { close(memory) }

        for (offset, byte) in masked.enumerated() {
            own.storeBytes(of: ~byte, toByteOffset: offset, as: UInt8.self)
        }
        let search = Search(needle: own, length: masked.count, chunk: own + chunkSize, memory: memory)
        let start = UInt(bitPattern: own)
        return try writableRanges().reduce(0) { count, range in
            count + search.count(in: range.clamped(to: 0..<start))
                + search.count(in: range.clamped(to: (start + UInt(ownSize))..<UInt.max))
        }
    }

    private static func writableRanges() throws -> [Range<UInt>] {
        let maps = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8)
        return maps.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count >= 2, fields[1].hasPrefix("rw") else { return nil }
            let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            return ends.count == 2 ? ends[0]..<ends[1] : nil
        }
    }

    private struct Search {
        let needle: UnsafeMutableRawPointer
        let length: Int
        let chunk: UnsafeMutableRawPointer
        let memory: Int32

        func count(in range: Range<UInt>) -> Int {
            var count = 0
            var address = range.lowerBound
            while address < range.upperBound {
                let wanted = min(chunkSize, Int(range.upperBound - address))
                let received = pread(memory, chunk, wanted, off_t(address))
                guard received >= length else {
                    // Another thread has unmapped this page; what lies behind it may be there still.
                    address = (address / pageSize + 1) * pageSize
                    continue
                }
                count += countInChunk(received)
                // The next piece begins a little before the end of this one, for what lies across the cut.
                address += UInt(wanted < chunkSize ? received : received - length + 1)
            }
            return count
        }

        private func countInChunk(_ byteCount: Int) -> Int {
            let first = Int32(needle.load(as: UInt8.self))
            let last = chunk + (byteCount - length)
            var count = 0
            var position = chunk
            while position <= last, let found = memchr(position, first, last - position + 1) {
                if memcmp(found, needle, length) == 0 { count += 1 }
                position = found + 1
            }
            return count
        }
    }
}
