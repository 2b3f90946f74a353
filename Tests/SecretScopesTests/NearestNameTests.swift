import Testing

@testable import SecretScopes

@Suite struct NearestNameTests {
    static let cases: [(String, [String], String?)] = [
        ("secret", ["scopes", "secrets"], "secrets"),
        ("sercets", ["acl", "secrets"], "secrets"),
        ("READ", ["MANAGE", "READ", "WRITE"], "READ"),
        ("raed", ["MANAGE", "READ", "WRITE"], "READ"),
        ("anna@example.com", ["bob@example.com", "ana@example.com"], "ana@example.com"),
        ("", ["a"], nil),
        ("a", ["b"], nil),
        ("xy", ["secrets"], nil),
        ("keys", ["secrets", "acl"], nil),
        ("name", [], nil),
    ]

    @Test(arguments: cases)
    func nearEnoughNamesAreFound(name: String, candidates: [String], expected: String?) {
        #expect(NearestName.among(candidates, to: name) == expected)
    }
}
