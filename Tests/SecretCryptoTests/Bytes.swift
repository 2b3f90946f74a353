import RepeatableRandomness
import SecretCrypto
import Testing

/// The bytes of a vector's hexadecimal text.
func hex(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> [UInt8] {
    try #require(Hexadecimal.decode(text), "not hexadecimal: \(text)", sourceLocation: sourceLocation)
}

extension SeededGenerator {
    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }

    /// Bytes whose length is often small, sometimes zero, and now and then around a block.
    mutating func bytes(upTo limit: Int) -> [UInt8] {
        let lengths = [0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65].filter { $0 <= limit }
        let isEdge = Int.random(in: 0..<3, using: &self) == 0
        return bytes(isEdge ? lengths.randomElement(using: &self) ?? 0 : Int.random(in: 0...limit, using: &self))
    }
}
