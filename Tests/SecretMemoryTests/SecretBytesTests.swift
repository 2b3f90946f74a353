import Testing

@testable import SecretMemory

struct SecretBytesTests {
    private struct FillFailed: Error {}

    private let pool = SecretPool()

    @Test(arguments: [0, 1, 2, 63, 64, 65, 1000, 16 * 1024, 16 * 1024 + 1, 200_000])
    func bytesComeBackAsTheyWereCopied(count: Int) {
        let bytes = pattern(count)
        let secret = SecretBytes(copying: bytes.span.bytes, in: pool)
        #expect(secret.count == count)
        #expect(secret.withBytes { $0.array } == bytes)
        #expect(secret.withUnsafeBytes { Array($0) } == bytes)
    }

    @Test func bytesThatFillDoesNotWriteAreZero() {
        let secret = SecretBytes(count: 10, in: pool) { $0[3] = 7 }
        #expect(secret.withBytes { $0.array } == [0, 0, 0, 7, 0, 0, 0, 0, 0, 0])
    }

    @Test func sliceCopiesItsRange() {
        let secret = SecretBytes(copying: pattern(100).span.bytes, in: pool)
        #expect(secret.slice(10..<30).withBytes { $0.array } == Array(pattern(100)[10..<30]))
        #expect(secret.slice(100..<100).count == 0)
    }

    /// The next block of the same size is the one that was given back, so what is in it was left by the secret.
    @Test(arguments: [1, 32, 64, 65, 500, 1024, 16 * 1024])
    func blockIsZeroWhenTheLastReferenceGoes(count: Int) {
        var first: SecretBytes? = SecretBytes(copying: pattern(count).span.bytes, in: pool)
        var second = first
        let address = first?.withUnsafeBytes { $0.baseAddress }
        first = nil
        #expect(second?.withBytes { $0.array } == pattern(count), "another reference keeps the bytes")
        second = nil

        let reused = ReusedBlock(pool: pool, count: count)
        #expect(UnsafeRawPointer(reused.block.base) == address)
        #expect(reused.isZero)
        pool.release(reused.block)
    }

    @Test func blockIsZeroWhenFillThrows() {
        var address: UnsafeMutableRawPointer?
        #expect(throws: FillFailed.self) {
            try SecretBytes(count: 100, in: pool) { target throws(FillFailed) in
                address = target.baseAddress
                for position in target.indices { target[position] = 0xAA }
                throw FillFailed()
            }
        }
        let reused = ReusedBlock(pool: pool, count: 100)
        #expect(reused.block.base == address)
        #expect(reused.isZero)
        pool.release(reused.block)
    }

    @Test func temporaryLivesAsLongAsItsBytesAreLent() {
        let copied = SecretBytes(copying: pattern(64).span.bytes, in: pool).withBytes { bytes in
            // A block that was already given back would be handed out here and overwritten.
            let ones = [UInt8](repeating: 1, count: 64)
            let others = (0..<4).map { _ in SecretBytes(copying: ones.span.bytes, in: pool) }
            return withExtendedLifetime(others) { bytes.array }
        }
        #expect(copied == pattern(64))
    }

    @Test func secretOutlivesTheLastOtherReferenceToItsPool() {
        var pool: SecretPool? = SecretPool()
        weak let watched = pool
        let secret = pool.map { SecretBytes(copying: pattern(100).span.bytes, in: $0) }
        pool = nil
        #expect(watched != nil)
        #expect(secret?.withBytes { $0.array } == pattern(100))
    }

    @Test func negativeCountStopsTheProcess() async {
        await #expect(processExitsWith: .failure) {
            _ = SecretBytes(count: -1, in: SecretPool()) { _ in }
        }
    }
}
