import RepeatableRandomness
import Testing

@testable import DBUtils

/// What must hold for every JSON text, over texts made at random and over whole ranges of characters.
@Suite struct JSONPropertyTests {
    private func parse(_ text: [UInt8]) -> Result<JSON, JSONParser.Failure> {
        text.withUnsafeBytes { source in
            Result { () throws(JSONParser.Failure) in try JSONParser.parse(source) }
        }
    }

    /// The string that `literal` stands for, or `nil` when it is refused.
    private func string(_ literal: [UInt8]) -> String? {
        literal.withUnsafeBytes { source in
            (try? JSONParser.parse(source))?.string(in: source)
        }
    }

    @Test func valuesAreReadHoweverTheyAreWritten() {
        var random = SeededGenerator()
        for _ in 0..<2000 {
            let value = RandomJSON(depth: 4, using: &random)
            let tokens = value.tokens(using: &random)
            let text = RandomJSON.text(of: tokens, minimumSpace: 0, using: &random) + [0x20]
            let matches = text.withUnsafeBytes { source in
                (try? JSONParser.parse(source)).map { value.matches($0, in: source) }
            }
            guard matches == true else {
                Issue.record("seed \(random.seed): \(String(decoding: text, as: UTF8.self))")
                return
            }
        }
    }

    /// A structural character too many or too few, wherever it is, leaves no JSON.
    @Test func brokenStructureIsRefused() {
        var random = SeededGenerator()
        for _ in 0..<2000 {
            var tokens = RandomJSON(depth: 4, using: &random).tokens(using: &random)
            let structural = tokens.indices.filter { tokens[$0].isStructural }
            if let position = structural.randomElement(using: &random), Bool.random(using: &random) {
                tokens.remove(at: position)
            } else {
                let extra = ["[", "]", "{", "}", ",", ":"].randomElement(using: &random) ?? ","
                tokens.insert(.init(text: extra, isStructural: true), at: random.number(0...tokens.count))
            }
            let text = RandomJSON.text(of: tokens, minimumSpace: 1, using: &random)
            guard case .failure = parse(text) else {
                Issue.record("seed \(random.seed): \(String(decoding: text, as: UTF8.self))")
                return
            }
        }
    }

    @Test func everyCodeUnitStandsAloneUnlessItIsASurrogate() {
        for unit in UInt16.min...UInt16.max {
            let digits = String(unit, radix: 16)
            let literal = "\"\\u" + String(repeating: "0", count: 4 - digits.count) + digits + "\""
            let read = string(Array(literal.utf8))
            guard read == Unicode.Scalar(unit).map({ String($0) }) else {
                Issue.record("\(literal) is read as \(read ?? "no string")")
                return
            }
        }
    }

    @Test func everyPairOfSurrogatesIsOneCharacter() {
        for high in 0xD800...0xDBFF {
            for low in [0xDC00, 0xDC01, 0xDDFF, 0xDFFF] {
                let literal = "\"\\u\(String(high, radix: 16))\\u\(String(low, radix: 16, uppercase: true))\""
                let scalar = Unicode.Scalar(UInt32(0x10000 + (high - 0xD800) << 10 + low - 0xDC00))
                guard string(Array(literal.utf8)) == scalar.map({ String($0) }) else {
                    Issue.record("\(literal)")
                    return
                }
            }
        }
    }

    @Test(arguments: UInt8.min...UInt8.max)
    func onlyTheEightLettersFollowABackslash(letter: UInt8) {
        let isEscape = #""\/bfnrt"#.utf8.contains(letter)
        #expect((string([0x22, 0x5C, letter, 0x22]) != nil) == isEscape)
    }

    @Test(arguments: UInt8.min...0x7F)
    func onlyControlCharactersQuoteAndBackslashMustBeEscaped(character: UInt8) {
        let isFree = character >= 0x20 && character != 0x22 && character != 0x5C
        let text = String(decoding: [character], as: UTF8.self)
        #expect(string([0x22, character, 0x22]) == (isFree ? text : nil))
    }

    @Test func stringsAreAcceptedExactlyWhenTheyAreUTF8() {
        var random = SeededGenerator()
        let leads: [UInt8] = [0x61, 0x7F, 0x80, 0xBF, 0xC1, 0xC2, 0xE0, 0xE2, 0xED, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xFF]
        for _ in 0..<20_000 {
            let bytes = (0..<random.number(1...5)).map { _ in
                Bool.random(using: &random)
                    ? leads.randomElement(using: &random) ?? 0x80 : UInt8.random(in: 0x80...0xBF, using: &random)
            }
            guard string([0x22] + bytes + [0x22]) == String(validating: bytes, as: UTF8.self) else {
                Issue.record("seed \(random.seed): \(bytes)")
                return
            }
        }
    }

    /// A scalar may stand in as many arrays as arrays may be nested.
    @Test(arguments: ["[", "{\"a\":"])
    func nestingIsCountedInArraysAndObjects(opening: String) {
        let closing = opening == "[" ? "]" : "}"
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: opening, count: depth) + "0" + String(repeating: closing, count: depth)).utf8)
        }
        for depth in 0...JSONParser.depthLimit {
            guard case .success = parse(nested(depth)) else {
                Issue.record("\(depth) levels are refused")
                return
            }
        }
        guard case .failure(let failure) = parse(nested(JSONParser.depthLimit + 1)) else {
            Issue.record("\(JSONParser.depthLimit + 1) levels are accepted")
            return
        }
        #expect(failure.reason == "the value is nested too deeply")
    }

    @Test(arguments: [
        ("[1,", 3, "the text ends too early"), ("[1 2]", 3, "a closing bracket was expected"),
        (#"{"a" 1}"#, 5, "a colon was expected"), (#"{"value":"c2VjcmV0"#, 18, "a string does not end"),
        ("0 0", 2, "text follows the value"), (#""\ud800""#, 7, "a high surrogate stands alone"),
    ])
    func failureSaysWhereAndWhyAndQuotesNothing(text: String, offset: Int, reason: String) {
        guard case .failure(let failure) = parse(Array(text.utf8)) else {
            Issue.record("\(text) is accepted")
            return
        }
        #expect(failure.offset == offset)
        #expect(failure.reason == reason)
    }
}
