import Foundation
import Glibc

/// This process's own memory, looked through as a debugger would.
enum ProcessMemory {
    struct Unreadable: Error {}

    /// How often the bytes stand in writable memory that are `masked` with every bit inverted.
    static func count(of masked: [UInt8]) throws -> Int {
        // The needle has a page of its own, which is left out of the search.
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        guard
            let needle = mmap(nil, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            needle != MAP_FAILED
        else { throw Unreadable() }
        defer { munmap(needle, page) }
        for (offset, byte) in masked.enumerated() {
            needle.storeBytes(of: ~byte, toByteOffset: offset, as: UInt8.self)
        }
        let memory = open("/proc/self/mem", O_RDONLY)
        guard memory >= 0 else { throw Unreadable() }
        defer { close(memory) }
        let own = UInt(bitPattern: needle)..<(UInt(bitPattern: needle) + UInt(page))
        return try writableRanges().reduce(0) { count, range in
            count
                + [
                    range.lowerBound..<min(range.upperBound, own.lowerBound),
                    max(range.lowerBound, own.upperBound)..<range.upperBound,
                ]
                .reduce(0) { $0 + search(memory, in: $1, for: needle, length: masked.count) }
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

    private static func search(
        _ memory: Int32,
        in range: Range<UInt>,
        for needle: UnsafeMutableRawPointer,
        length: Int
    ) -> Int {
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer {
            explicit_bzero(chunk.baseAddress, chunk.count)
            chunk.deallocate()
        }
        var count = 0
        var address = range.lowerBound
        while address < range.upperBound {
            let wanted = min(chunk.count, Int(range.upperBound - address))
            let received = pread(memory, chunk.baseAddress, wanted, off_t(address))
            guard received >= length else { break }
            var start = chunk.baseAddress
            while let position = start, let base = chunk.baseAddress,
                let found = memmem(position, received - (position - base), needle, length)
            {
                count += 1
                start = UnsafeMutableRawPointer(mutating: found) + 1
            }
            // The next piece begins a little before the end of this one, for what lies across the cut.
            address += UInt(received < wanted || wanted < chunk.count ? received : received - length + 1)
        }
        return count
    }
}
