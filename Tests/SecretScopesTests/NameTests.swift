import SecretScopes
import Testing

@Suite("Names")
struct NameTests {
    @Test(arguments: [
        "a", "A-Z_0.9@x/y", "redpanda/NAME", String(repeating: "x", count: 128), ".", "-", "myapplication/branch",
    ])
    func areAcceptedAndKeepTheirCase(_ text: String) {
        #expect(ScopeName(rawValue: text)?.rawValue == text)
        #expect(SecretName(rawValue: text)?.rawValue == text)
    }

    @Test(arguments: [
        "", " ", "a b", "ä", "\u{430}", "\u{FF41}", "a\u{301}", "a\n", "a\u{0}", "{{x}}", "\u{212A}",
        String(repeating: "x", count: 129),
    ])
    func outsideTheGrammarAreRefused(_ text: String) {
        #expect(ScopeName(rawValue: text) == nil)
        #expect(SecretName(rawValue: text) == nil)
    }

    @Test func areEqualWithoutCase() {
        #expect(ScopeName(rawValue: "Payments") == ScopeName(rawValue: "pAYMENTS"))
        #expect(ScopeName(rawValue: "Payments")?.hashValue == ScopeName(rawValue: "pAYMENTS")?.hashValue)
        #expect(PrincipalName(rawValue: "Users") == .users)
    }

    @Test(arguments: ["", " a", "a ", "a\"b", "a\\b", "é", "a\tb", String(repeating: "x", count: 256)])
    func ofPrincipalsOutsideTheGrammarAreRefused(_ text: String) {
        #expect(PrincipalName(rawValue: text) == nil)
    }

    @Test func identifiersReadWhatTheyWrite() throws {
        let id = ScopeID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
        #expect(id.description == "0123456789abcdeffedcba9876543210")
        #expect(ScopeID(id.description) == id)
        #expect(ScopeID(bytes: id.bytes) == id)
        #expect(ScopeID("+123456789abcdeffedcba9876543210") == nil)
        #expect(ScopeID("0123") == nil)
        #expect(ScopeID(bytes: [1, 2, 3]) == nil)
    }
}
