import RepeatableRandomness
import Testing

@testable import DBUtils

@Suite struct JSONTests {
    private func parse<R>(_ text: [UInt8], _ body: (JSON, UnsafeRawBufferPointer) throws -> R) throws -> R {
        try text.withUnsafeBytes { try body(JSONParser.parse($0), $0) }
    }

    @Test(arguments: [
        (#""plain""#, "plain"), (#""""#, ""), (#""ü 🔑""#, "ü 🔑"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#""\u00fc\u20ac\u0000""#, "ü€\0"), (#""\ud83d\udd11!""#, "🔑!"), (#""\uD834\uDD1E""#, "𝄞"),
        (#""\udbff\udfff""#, "\u{10FFFF}"), (#""a\u0041b""#, "aAb"), (" \t\r\n\"x\" ", "x"), ("\"\u{7F}\"", "\u{7F}"),
    ])
    func stringsAreDecoded(text: String, string: String) throws {
        try parse(Array(text.utf8)) { #expect($0.string(in: $1) == string) }
    }

    @Test func membersAndElementsAreFound() throws {
        let text = #" { "a" : [ 1 , -2.5e+3, true, false, null, {"b\u0021": "c"} ] , "a2":0, "k": "1", "k": "2" } "#
        try parse(Array(text.utf8)) { value, source in
            let elements = try #require(value["a"]?.elements)
            #expect(elements.count == 6)
            #expect(elements[5]["b!"]?.string(in: source) == "c")
            #expect(value["k"]?.string(in: source) == "2")
            #expect(value["missing"] == nil)
            guard case .number(let range) = elements[1] else { throw Missing() }
            #expect(String(decoding: source[range], as: UTF8.self) == "-2.5e+3")
        }
    }

    struct Missing: Error {}

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "[", "]", "[1", "[1,]", "[,1]", "[1 2]", "{", "{\"a\"", "{\"a\":", "{\"a\":1",
        "{\"a\":1,}", "{a:1}", "{1:1}", "{\"a\" 1}", "{,}", "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"",
        "\"\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\n\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\n\"", "\"\u{1F}\"",
        "01",
        "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "1 1", "'a'", "// c\n1", "\u{FEFF}1", "NaN", "-Infinity",
    ])
    func whatIsNotJSONIsRefused(text: String) {
        #expect(throws: JSONParser.Failure.self) { try parse(Array(text.utf8)) { _, _ in } }
    }

    @Test(
        arguments: [[0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0xFF]]
            as [[UInt8]])
    func stringsMustBeUTF8(bytes: [UInt8]) {
        #expect(throws: JSONParser.Failure.self) { try parse([0x22] + bytes + [0x22]) { _, _ in } }
    }

    @Test func nestingHasALimit() throws {
        let deepest = JSONParser.depthLimit
        func nested(_ depth: Int) -> [UInt8] {
            [UInt8](repeating: UInt8(ascii: "["), count: depth) + [UInt8](repeating: UInt8(ascii: "]"), count: depth)
        }
        try parse(nested(deepest)) { _, _ in }
        #expect(throws: JSONParser.Failure.self) { try parse(nested(deepest + 1)) { _, _ in } }
        #expect(throws: JSONParser.Failure.self) {
            try parse([UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)) { _, _ in }
        }
    }

    /// A cut or an altered byte never makes the parser read outside the text or accept what it cannot decode.
    @Test func damagedTextIsRefusedOrDecodes() throws {
        let text = Array(#"{"key":"a\u00e9\ud83d\udd11","list":[1.5e3,{"x":null},"\\"],"t":true}"#.utf8)
        for end in 0..<text.count {
            #expect(throws: JSONParser.Failure.self) { try parse(Array(text[..<end])) { _, _ in } }
        }
        var random = SeededGenerator()
        for _ in 0..<5000 {
            var damaged = text
            damaged[Int.random(in: 0..<text.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            try? parse(damaged) { value, source in
                let decoded = value["key"]?.string(in: source)
                #expect(decoded?.contains("\u{FFFD}") != true, "seed \(random.seed)")
            }
        }
    }

    @Test(
        arguments: [
            ("", []), ("AA==", [0]), ("/+8=", [0xFF, 0xEF]), ("Zm9vYmFy", Array("foobar".utf8)),
        ] as [(String, [UInt8])])
    func base64IsDecoded(text: String, bytes: [UInt8]) {
        #expect(decode(text) == bytes)
    }

    @Test(arguments: [
        "A", "AA", "AAA", "AA=", "=", "====", "A===", "AB==", "AAB=", "AA==AA==", "A A=", "AA-_", "AAA\n",
    ])
    func whatIsNotBase64IsRefused(text: String) {
        #expect(decode(text) == nil)
    }

    private func decode(_ text: String) -> [UInt8]? {
        Array(text.utf8).withUnsafeBytes { text in
            guard let decoded = Base64Decoding.decode(text) else { return nil }
            return [UInt8](decoded.bytes)
        }
    }
}
