import SecretMemory
import Testing

struct Base64Tests {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private let pool = SecretPool()

    private func encode(_ bytes: [UInt8]) -> String {
        Base64.encode(bytes.span.bytes, in: pool).withBytes { String(decoding: $0.array, as: UTF8.self) }
    }

    private func decode(_ text: [UInt8]) -> [UInt8]? {
        Base64.decode(text.span.bytes, in: pool)?.withBytes { $0.array }
    }

    /// The definition in RFC 4648, bit by bit.
    private func encodeByDefinition(_ bytes: [UInt8]) -> String {
        var bits = bytes.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }
        while bits.count % 6 != 0 { bits.append(0) }
        var text = stride(from: 0, to: bits.count, by: 6).map { start in
            Self.alphabet[bits[start..<(start + 6)].reduce(0) { $0 << 1 | Int($1) }]
        }
        while text.count % 4 != 0 { text.append(UInt8(ascii: "=")) }
        return String(decoding: text, as: UTF8.self)
    }

    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func publishedVectorsHold(plain: String, encoded: String) {
        #expect(encode(Array(plain.utf8)) == encoded)
        #expect(decode(Array(encoded.utf8)) == Array(plain.utf8))
    }

    @Test func everyLengthMatchesTheDefinitionAndComesBack() {
        for count in 0...260 {
            for factor in [1, 37, 167, 255] {
                let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* factor &+ count) }
                let encoded = encode(bytes)
                #expect(encoded == encodeByDefinition(bytes))
                #expect(encoded.utf8.count == Base64.encodedCount(count))
                #expect(decode(Array(encoded.utf8)) == bytes)
            }
        }
    }

    @Test func everyByteValueInEveryPositionComesBack() {
        for position in 0..<7 {
            for value in UInt8.min...UInt8.max {
                var bytes: [UInt8] = [0, 0xFF, 0x55, 0xAA, 0, 0xFF, 0x10]
                bytes[position] = value
                #expect(decode(Array(encode(bytes).utf8)) == bytes)
            }
        }
    }

    @Test func onlyCharactersOfTheAlphabetAreDecoded() {
        let valid = Array("Zm9vYmFyZm9v".utf8)
        for position in valid.indices {
            for character in UInt8.min...UInt8.max {
                var text = valid
                text[position] = character
                // Padding would be valid at the end, were it not for the bits before it.
                let isValid = Self.alphabet.contains(character)
                #expect((decode(text) != nil) == isValid, "character \(character) at \(position)")
            }
        }
    }

    @Test(arguments: [
        "A", "AA", "AAA", "AAAAA", "AAAAAA", "AAAAAAA",  // length
        "=", "==", "===", "====", "A===", "AAAA====", "AAAAA===",  // nothing but padding, or too much of it
        "=AAA", "A=AA", "AA=A", "AA==AAAA", "AAA=AAAA", "Zg==Zg==",  // padding before the end
        "AB==", "AP==", "Zh==", "AAB=", "AAD=", "Zm9=", "AAAAAB==", "AAAAAAB=",  // bits behind the last byte
        "AA\n=", "AAA\n", "AAAA\n", " AAA", "AA A", "AAAA\r\n\r\n", "AAAA    ",  // white space
        "AAA-", "AAA_", "-_-_",  // the alphabet for URLs
        "AAA.", "AAA,", "AA*=", "AAA\0", "\u{7F}AAA",  // other characters
        "ÄAA", "AAAA€A", "\u{FF21}A",  // other scripts, of a length that fits
    ])
    func malformedTextIsRefused(text: String) {
        #expect(decode(Array(text.utf8)) == nil)
    }

    @Test func paddedTextOfEveryLengthIsRefusedWithoutItsPadding() {
        for count in 1...20 where count % 3 != 0 {
            let text = Array(encode(Array(repeating: 0x5A, count: count)).utf8).filter { $0 != UInt8(ascii: "=") }
            #expect(decode(text) == nil)
        }
    }

    @Test func encodingWritesNothingBehindItself() {
        var target = [UInt8](repeating: 0xEE, count: 20)
        target.withUnsafeMutableBytes { Base64.encode([UInt8]("foobar!".utf8).span.bytes, into: $0) }
        #expect(target == Array("Zm9vYmFyIQ==".utf8) + [UInt8](repeating: 0xEE, count: 8))
    }

    @Test func tooSmallATargetStopsTheProcess() async {
        await #expect(processExitsWith: .failure) {
            var target = [UInt8](repeating: 0, count: 7)
            target.withUnsafeMutableBytes { Base64.encode([UInt8](repeating: 1, count: 4).span.bytes, into: $0) }
        }
    }
}
