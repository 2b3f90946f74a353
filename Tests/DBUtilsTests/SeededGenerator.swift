import RepeatableRandomness

extension SeededGenerator {
    mutating func number(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &self)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }

    /// The bytes of `whole` in pieces of random lengths, none of them empty and at most `limit` long.
    mutating func pieces(of whole: [UInt8], upTo limit: Int) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = whole[...]
        while !rest.isEmpty {
            let piece = rest.prefix(number(1...limit))
            pieces.append(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
        return pieces
    }
}
