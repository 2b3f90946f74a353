/// Characters in bytes that may be UTF-8.
extension RawSpan {
    /// The character that begins at `position`; `nil` at the end, or where there is no valid one.
    func scalar(at position: Int) -> (value: Unicode.Scalar, byteCount: Int)? {
        guard position < byteCount else { return nil }
        let first = self[byte: position]
        let count = first < 0x80 ? 1 : (~first).leadingZeroBitCount
        guard count == 1 && first < 0x80 || (2...4).contains(count), position + count <= byteCount else { return nil }
        var value = count == 1 ? UInt32(first) : UInt32(first) & (0x7F >> UInt32(count))
        for offset in 1..<max(count, 1) {
            let next = self[byte: position + offset]
            guard next & 0xC0 == 0x80 else { return nil }
            value = value << 6 | UInt32(next & 0x3F)
        }
        let smallest: [UInt32] = [0, 0, 0x80, 0x800, 0x10000]
        guard value >= smallest[count], let scalar = Unicode.Scalar(value) else { return nil }
        return (scalar, count)
    }

    /// Whether the bytes are UTF-8 throughout.
    var isValidUTF8: Bool {
        var position = 0
        while let scalar = scalar(at: position) { position += scalar.byteCount }
        return position == byteCount
    }
}
