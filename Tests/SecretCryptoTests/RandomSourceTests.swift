import SecretCrypto
import SecretMemory
import Testing

struct RandomSourceTests {
    static let sources: [any RandomSource] = [SystemRandomSource(), BufferedRandomSource()]

    @Test(arguments: [0, 1])
    func fillsTheWholeTargetAndNothingElse(source index: Int) {
        let source = Self.sources[index]
        for count in [0, 1, 7, 16, 255, 256, 257, 4088, 5000] {
            // Of 24 tries for each byte one at least differs from zero, but for a chance of 2^-192.
            var seen = [UInt8](repeating: 0, count: count)
            for _ in 0..<24 {
                var buffer = [UInt8](repeating: 0, count: count + 16)
                buffer.withUnsafeMutableBytes { buffer in
                    source.fill(UnsafeMutableRawBufferPointer(rebasing: buffer[8..<(8 + count)]))
                }
                #expect(buffer.prefix(8).allSatisfy { $0 == 0 })
                #expect(buffer.suffix(8).allSatisfy { $0 == 0 })
                for position in 0..<count { seen[position] |= buffer[8 + position] }
            }
            #expect(!seen.contains(0))
        }
    }

    @Test(arguments: [0, 1])
    func bytesNeverRepeat(source index: Int) {
        let source = Self.sources[index]
        var seen: Set<[UInt8]> = []
        for _ in 0..<5000 { seen.insert(source.bytes(count: 16)) }
        #expect(seen.count == 5000)
        #expect(source.bytes(count: 0).isEmpty)
    }

    /// A buffer of 4 KiB is crossed many times by requests of sizes that do not divide it.
    @Test func bufferedBytesAreEvenlySpread() {
        let source = BufferedRandomSource()
        var counts = [Int](repeating: 0, count: 256)
        var total = 0
        while total < 1_000_000 {
            for byte in source.bytes(count: 1 + total % 61) {
                counts[Int(byte)] += 1
                total += 1
            }
        }
        let expected = Double(total) / 256
        let chiSquare = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        // 255 degrees of freedom: beyond 400 once in 10^8 runs.
        #expect(chiSquare < 400)
    }

    @Test func threadsNeverGetTheSameBytes() async {
        let source = BufferedRandomSource()
        let all = await withTaskGroup(of: [[UInt8]].self, returning: [[UInt8]].self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<2000).map { _ in source.bytes(count: 16) } }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(all).count == 16_000)
    }

    @Test func randomKeysDiffer() {
        let pool = SecretPool()
        let keys = (0..<200).map { _ in SymmetricKey.random(in: pool).withBytes { $0.array } }
        #expect(Set(keys).count == 200)
        #expect(keys.allSatisfy { $0.count == SymmetricKey.byteCount })
    }
}
