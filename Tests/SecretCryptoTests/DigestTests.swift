import SecretCrypto
import Testing

struct DigestTests {
    private let bytes = [UInt8](100..<132)

    @Test func bytesComeBackInTheirOrder() throws {
        let digest = try #require(Digest(bytes: bytes))
        #expect(digest.bytes == bytes)
        #expect(digest.withBytes { $0.array } == bytes)
        #expect(digest.description == "6465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f80818283")
    }

    @Test(arguments: [0, 1, 31, 33, 64])
    func onlyThirtyTwoBytesAreADigest(count: Int) {
        #expect(Digest(bytes: [UInt8](repeating: 1, count: count)) == nil)
    }

    @Test func bytesMayLieAnywhere() throws {
        let padded = [0, 0, 0] + bytes + [0]
        let digest = Digest(bytes: padded.span.bytes.extracting(3..<35))
        #expect(digest?.bytes == bytes)
    }

    @Test func everyBitCountsForEqualityAndHash() throws {
        let digest = try #require(Digest(bytes: bytes))
        #expect(digest == Digest(bytes: bytes))
        var others: Set<Digest> = [digest]
        for position in bytes.indices {
            for bit in 0..<8 {
                var altered = bytes
                altered[position] ^= 1 << bit
                let other = try #require(Digest(bytes: altered))
                #expect(other != digest)
                #expect(other.hashValue != digest.hashValue)
                others.insert(other)
            }
        }
        #expect(others.count == 1 + 256)
    }

    @Test func digestIsThirtyTwoBytesInline() {
        #expect(MemoryLayout<Digest>.size == 32)
    }
}
