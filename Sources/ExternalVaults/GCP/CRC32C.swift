/// The checksum that Google's services put beside values: CRC-32 with Castagnoli's polynomial (RFC 3720, B.4).
///
/// Without tables, since which of their entries are read would leave traces of a secret in the processor's caches.
enum CRC32C {
    /// The polynomial, its bits from the lowest to the highest power.
    private static let polynomial: UInt32 = 0x82F6_3B78

    static func checksum(_ bytes: RawSpan) -> UInt32 {
        var value = UInt32.max
        for position in 0..<bytes.byteCount {
            value ^= UInt32(bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self))
            for _ in 0..<8 {
                value = value >> 1 ^ polynomial & (0 &- value & 1)
            }
        }
        return ~value
    }
}
