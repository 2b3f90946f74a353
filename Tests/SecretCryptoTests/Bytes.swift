import SecretCrypto
import Testing

/// The bytes of a vector's hexadecimal text.
func hex(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> [UInt8] {
    try #require(Hexadecimal.decode(text), "not hexadecimal: \(text)", sourceLocation: sourceLocation)
}

/// SplitMix64: the same sequence for the same seed, on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

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
