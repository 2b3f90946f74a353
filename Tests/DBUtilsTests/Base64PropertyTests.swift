import RepeatableRandomness
import Testing

@testable import DBUtils

/// Decoding of base64, against ``Base64Encoding``.
@Suite struct Base64PropertyTests {
    private func decoded(_ text: [UInt8]) -> [UInt8]? {
        text.withUnsafeBytes { text in
            guard let decoded = Base64Decoding.decode(text) else { return nil }
            return [UInt8](decoded.bytes)
        }
    }

    @Test func everyLengthIsDecoded() {
        var random = SeededGenerator()
        for count in 0...300 {
            let bytes = random.bytes(count)
            guard decoded(Base64Encoding.encode(bytes)) == bytes else {
                Issue.record("seed \(random.seed): \(count) bytes")
                return
            }
        }
    }

    /// Every value has one text: what is decoded at all is what an encoder writes for the result.
    @Test func onlyWhatAnEncoderWritesIsDecoded() {
        var random = SeededGenerator()
        var decodedCount = 0
        for _ in 0..<5000 {
            var text = Base64Encoding.encode(random.bytes(random.number(1...8)))
            let position = random.number(0...(text.count - 1))
            switch random.number(0...3) {
            case 0: text[position] = Base64Encoding.alphabet.randomElement(using: &random) ?? 0x41
            case 1: text[position] = UInt8.random(in: .min ... .max, using: &random)
            case 2: text.remove(at: position)
            default: text.insert(UInt8(ascii: "="), at: position)
            }
            guard let bytes = decoded(text) else { continue }
            decodedCount += 1
            guard Base64Encoding.encode(bytes) == text else {
                Issue.record("seed \(random.seed): \(String(decoding: text, as: UTF8.self))")
                return
            }
        }
        #expect(decodedCount > 250, "the texts are hardly ever base64: the test tests little")
    }
}
