import SecretCrypto
import Testing

struct ConstantTimeTests {
    private func areEqual(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        constantTimeEquals(first.span.bytes, second.span.bytes)
    }

    @Test func equalBytesAreEqual() {
        for count in [0, 1, 2, 31, 32, 33, 1000] {
            let bytes = [UInt8](repeating: 0xA5, count: count)
            let copy = bytes.map { $0 }
            #expect(areEqual(bytes, copy))
        }
    }

    @Test func everyByteCounts() {
        let bytes = [UInt8](0..<100)
        for position in bytes.indices {
            var other = bytes
            other[position] ^= 0x80
            #expect(!areEqual(bytes, other))
        }
    }

    /// The shorter one is a prefix of the longer one each time.
    @Test(arguments: [(0, 1), (1, 0), (31, 32), (32, 31), (1, 1000), (1000, 1)])
    func otherLengthIsNotEqual(first: Int, second: Int) {
        let bytes = [UInt8](repeating: 0, count: 1000)
        #expect(!areEqual(Array(bytes[..<first]), Array(bytes[..<second])))
    }
}
