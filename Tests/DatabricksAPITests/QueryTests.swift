import SecretScopes
import Testing

@testable import DatabricksAPI

@Suite struct QueryTests {
    struct Row: CustomStringConvertible {
        let query: String
        let values: [String: String]
        var description: String { query }
    }

    @Test(arguments: [
        Row(query: "", values: [:]),
        Row(query: "scope=a&key=k", values: ["scope": "a", "key": "k"]),
        Row(query: "key=k&scope=a", values: ["scope": "a", "key": "k"]),
        Row(query: "scope=a%2Fb&key=c/d", values: ["scope": "a/b", "key": "c/d"]),
        Row(query: "scope=a%2fb", values: ["scope": "a/b"]),
        Row(query: "scope=a+b%20c", values: ["scope": "a b c"]),
        Row(query: "scope=a=b", values: ["scope": "a=b"]),
        Row(query: "scope=&&key", values: ["scope": "", "key": ""]),
        Row(query: "%73cope=s", values: ["scope": "s"]),
        Row(query: "scope=%C3%A9", values: ["scope": "é"]),
    ])
    func parametersAreDecoded(row: Row) throws {
        #expect(try QueryParameters(parsing: row.query) == QueryParameters(row.values))
    }

    @Test(arguments: [
        "scope=%", "scope=%2", "scope=%zz", "scope=%+1", "scope=%FF", "scope=a&scope=b", "scope=a&sc%6Fpe=a",
    ])
    func anAmbiguousOrBrokenQueryIsRefused(query: String) throws {
        let error = try #require(throws: ScopeError.self) { try QueryParameters(parsing: query) }
        #expect(error.code == .malformedRequest)
    }

    @Test func everythingButUnreservedCharactersIsEscaped() {
        #expect(QueryParameters(["b": "a/b&c=d e+%", "a": "-._~"]).encoded == "a=-._~&b=a%2Fb%26c%3Dd%20e%2B%25")
    }
}
