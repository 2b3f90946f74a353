import RepeatableRandomness

extension SeededGenerator {
    mutating func bytes(upTo count: Int) -> [UInt8] {
        (0..<Int.random(in: 0...count, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    mutating func text(upTo count: Int) -> String {
        String(decoding: bytes(upTo: count), as: UTF8.self)
    }
}
