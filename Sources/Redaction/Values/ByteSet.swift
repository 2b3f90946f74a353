/// A set of bytes.
struct ByteSet: Sendable {
    private var bits = InlineArray<4, UInt64>(repeating: 0)

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        bits[Int(byte >> 6)] &>> UInt64(byte) & 1 != 0
    }

    mutating func insert(_ byte: UInt8) {
        bits[Int(byte >> 6)] |= 1 &<< UInt64(byte)
    }
}
