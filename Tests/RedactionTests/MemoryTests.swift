import Glibc
import Redaction
import SecretMemory
import Testing

struct MemoryTests {
    /// When the redactor and its streams are gone, no byte of a value is left in the process's memory: not in the
    /// automaton, nor in a derived form, nor where input was held back.
    @Test
    func nothingOfAValueIsLeftInMemory() throws {
        // The only copy that may be found is the one that is searched for. It is written by hand, so that no array or
        // string holds it, and is so large that what is left of a freed copy is not overwritten soon.
        let count = 8192
        let value = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        defer { value.deallocate() }
        var generator = SystemRandomNumberGenerator()
        for index in 0..<count { value[index] = UInt8.random(in: 128...255, using: &generator) }
        for index in stride(from: 63, to: count, by: 64) { value[index] = 10 }

        try redact(UnsafeRawBufferPointer(value))

        for start in stride(from: 0, to: count, by: 1024) {
            let piece = UnsafeRawBufferPointer(rebasing: value[start..<start + 16])
            let found = try addressesOfCopies(of: piece)
            #expect(found == [Int(bitPattern: piece.baseAddress)], "byte \(start)")
        }
    }

    @inline(never)
    private func redact(_ value: UnsafeRawBufferPointer) throws {
        let pool = SecretPool()
        let redactor = Redactor(pool: pool)
        try redactor.add(SecretBytes(copying: value.bytes, in: pool))
        var stream = redactor.makeStream()
        var outputCount = 0
        for _ in 0..<2 {
            for start in stride(from: 0, to: value.count, by: 50) {
                let chunk = UnsafeRawBufferPointer(rebasing: value[start..<min(start + 50, value.count)])
                stream.feed(chunk.bytes) { outputCount += $0.byteCount }
            }
        }
        // When the stream goes, it holds back most of a value.
        stream.feed(UnsafeRawBufferPointer(rebasing: value[..<8000]).bytes) { outputCount += $0.byteCount }
        #expect(outputCount == 3 * Redactor.replacement.utf8.count)
        #expect(stream.heldByteCount == 8000 - 63)
    }

    /// Looks through all memory that the process can write.
    private func addressesOfCopies(of needle: UnsafeRawBufferPointer) throws -> [Int] {
        let memory = open("/proc/self/mem", O_RDONLY)
        try #require(memory >= 0)
        defer { close(memory) }
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { chunk.deallocate() }
        let own = Int(bitPattern: chunk.baseAddress)..<Int(bitPattern: chunk.baseAddress) + chunk.count
        var found: [Int] = []
        for region in try writableRegions() {
            var address = region.lowerBound
            while address < region.upperBound {
                let wanted = min(chunk.count, region.upperBound - address)
                let received = pread(memory, chunk.baseAddress, wanted, off_t(address))
                guard received >= needle.count else { break }
                let piece = UnsafeRawBufferPointer(rebasing: chunk[..<received])
                found += offsets(of: needle, in: piece).map { address + $0 }.filter { !own.contains($0) }
                // The next piece overlaps this one, lest a copy lie across the cut.
                address += max(received - needle.count + 1, needle.count)
            }
        }
        return found
    }

    private func offsets(of needle: UnsafeRawBufferPointer, in piece: UnsafeRawBufferPointer) -> [Int] {
        guard let start = piece.baseAddress, let wanted = needle.baseAddress else { return [] }
        var found: [Int] = []
        var offset = 0
        while offset + needle.count <= piece.count,
            let hit = memchr(start + offset, Int32(needle[0]), piece.count - needle.count + 1 - offset)
        {
            if memcmp(hit, wanted, needle.count) == 0 { found.append(UnsafeRawPointer(hit) - start) }
            offset = UnsafeRawPointer(hit) - start + 1
        }
        return found
    }

    private func writableRegions() throws -> [Range<Int>] {
        let file = try #require(fopen("/proc/self/maps", "r"))
        defer { fclose(file) }
        var regions: [Range<Int>] = []
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while getline(&line, &capacity, file) > 0, let line {
            let fields = String(cString: line).split(separator: " ")
            let bounds = fields[0].split(separator: "-").compactMap { Int($0, radix: 16) }
            guard fields[1].hasPrefix("rw"), bounds.count == 2 else { continue }
            // The shadow memory of a sanitizer holds no data and takes terabytes.
            guard bounds[1] - bounds[0] < 1 << 34 else { continue }
            regions.append(bounds[0]..<bounds[1])
        }
        return regions
    }
}
