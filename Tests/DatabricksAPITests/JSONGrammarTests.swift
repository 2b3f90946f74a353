import Foundation
import RepeatableRandomness
import SecretMemory
import Testing

@testable import SecretJSON

@Suite struct JSONGrammarTests {
    @Test(arguments: [
        "{}", "[]", " \t\r\n{ } ", "null", "true", "false", "\"\"", "0", "-0", "-1.5e+10", "1E5", "0.10",
        #"{"a":{"b":[1,2,{"c":null}]}}"#, #""\"\\\/\b\f\n\r\t\u0041\ud83d\ude00""#, "\"\u{7F}äöü漢😀\"", #"{"":0}"#,
    ])
    func textsThatFollowTheGrammarAreAccepted(text: String) {
        #expect(throws: Never.self) { try JSONValue(parsing: Array(text.utf8).span.bytes) }
    }

    @Test(arguments: [
        "", " ", "{", "}", "[1,]", "{\"a\":1,}", "{,}", "{a:1}", "{'a':1}", "{\"a\" 1}", "{\"a\":}",
        "{\"a\":1 \"b\":2}",
        "[1 2]", "{}{}", "{} x", "nul", "True", "NaN", "Infinity", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x10",
        "\"", "\"a", #""\x""#, #""\u12""#, #""\u12g4""#, #""\ud800""#, #""\ud800\u0041""#, #""\udc00""#,
        #""\ud83d\ud83d""#,
        "\"a\nb\"", "\"a\u{0}b\"", "// c\n{}", "{} /* c */", "\u{FEFF}{}",
    ])
    func textsThatBreakTheGrammarAreRefused(text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: Array(text.utf8).span.bytes) }
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x80, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80],
            [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xC3, 0x28],
        ] as [[UInt8]])
    func stringsThatAreNotUTF8AreRefused(sequence: [UInt8]) {
        let text = [UInt8(ascii: "\"")] + sequence + [UInt8(ascii: "\"")]
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text.span.bytes) }
    }

    @Test func nestingIsAcceptedToItsLimitAndNoFurther() {
        for (depth, isAccepted) in [(JSONScanner.deepestNesting, true), (JSONScanner.deepestNesting + 1, false)] {
            for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
                let inner = open == "[" ? "" : "0"
                let text = String(repeating: open, count: depth) + inner + String(repeating: close, count: depth)
                #expect(((try? JSONValue(parsing: Array(text.utf8).span.bytes)) != nil) == isAccepted, "\(text)")
            }
        }
        let bomb = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: bomb.span.bytes) }
    }

    @Test func messagesTellWhereAndNeverQuoteTheText() throws {
        let text = Array(#"{"string_value":"hunter2hunter2", oops}"#.utf8)
        let error = try #require(throws: JSONSyntaxError.self) { try JSONValue(parsing: text.span.bytes) }
        #expect(error == JSONSyntaxError(reason: "a name is missing", offset: 34))
    }

    /// Whatever is accepted means the same to Foundation's parser; what Foundation refuses is refused.
    @Test func agreesWithFoundationOnMutatedTexts() throws {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SeededGenerator(seed: seed)
        let templates = [
            #"{"scope":"a/b","key":"k","string_value":"v\u00e9\n\ud83d\ude00"}"#,
            #"{"a":[1,-2.5e3,true,null,{"b":"c"}],"d":""}"#,
        ]
        var accepted = 0
        for _ in 0..<20_000 {
            var text = Array(templates[Int.random(in: 0..<templates.count, using: &generator)].utf8)
            for _ in 0..<Int.random(in: 0...2, using: &generator) {
                let position = Int.random(in: 0..<text.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: text.remove(at: position)
                case 1: text[position] = Array(#"{}[]",:\u0aé1-+e. "#.utf8).randomElement(using: &generator) ?? 0
                default: text.insert(UInt8.random(in: 0x20...0xFF, using: &generator), at: position)
                }
            }
            guard let value = try? JSONValue(parsing: text.span.bytes) else { continue }
            accepted += 1
            let foundation = try? JSONSerialization.jsonObject(with: Data(text)) as? [String: Any]
            guard let members = try? value.members(in: text.span.bytes) else { continue }
            for (name, member) in members {
                guard let expected = foundation?[name] as? String else { continue }
                #expect(
                    member.text(in: text.span.bytes) == expected,
                    "seed \(seed): \(String(decoding: text, as: UTF8.self))")
            }
            #expect(foundation != nil, "seed \(seed): \(String(decoding: text, as: UTF8.self))")
        }
        #expect(accepted > 1000)
    }

    @Test func stringsSurviveWritingAndReading() throws {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SeededGenerator(seed: seed)
        let pool = SecretPool()
        for _ in 0..<2_000 {
            var text = ""
            for _ in 0..<Int.random(in: 0...20, using: &generator) {
                let scalar = Unicode.Scalar(UInt32.random(in: 0...0x2FF, using: &generator)) ?? "x"
                text.unicodeScalars.append(Bool.random(using: &generator) ? scalar : "😀")
            }
            var json: [UInt8] = []
            json.appendJSONString(text)
            let value = try JSONValue(parsing: json.span.bytes)
            #expect(value.text(in: json.span.bytes) == text, "seed \(seed)")
            #expect(value.secret(in: json.span.bytes, pool: pool)?.bytes == Array(text.utf8), "seed \(seed)")
        }
    }
}
