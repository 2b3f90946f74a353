import SecretCrypto
import Testing

struct HexadecimalTests {
    @Test func everyByteValueComesBackInLowerCase() {
        let bytes = [UInt8](0...255)
        let text = Hexadecimal.encode(bytes)
        #expect(text.hasPrefix("000102030405060708090a0b0c0d0e0f10"))
        #expect(text.hasSuffix("fcfdfeff"))
        #expect(text.utf8.count == 512)
        #expect(Hexadecimal.decode(text) == bytes)
        #expect(Hexadecimal.decode(text.uppercased()) == bytes)
        let spanText = Hexadecimal.encode(bytes.span.bytes)
        #expect(spanText == text)
    }

    @Test func emptyTextIsNoBytes() {
        #expect(Hexadecimal.encode([]) == "")
        #expect(Hexadecimal.decode("") == [])
    }

    @Test(arguments: [
        "0", "abc", "0x00", "zz", "0g", " 00", "00 ", "0\u{0}", "-1", "+1", "é0", "٠٠", "a/", ":0", "@a", "G0", "`a",
    ])
    func textThatIsNotHexadecimalIsRefused(text: String) {
        #expect(Hexadecimal.decode(text) == nil)
    }

    @Test func partOfATextIsDecodedInPlace() {
        #expect(Hexadecimal.decode("sha256:00ff".dropFirst(7)) == [0x00, 0xFF])
    }
}
