internal import SecretCrypto

/// Random UUIDs (RFC 9562, version 4) as text.
enum UUIDText {
    static func random(_ source: any RandomSource) -> String {
        var bytes = source.bytes(count: 16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = Hexadecimal.encode(bytes)
        var text = ""
        for (position, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(position) { text.append("-") }
            text.append(digit)
        }
        return text
    }
}
