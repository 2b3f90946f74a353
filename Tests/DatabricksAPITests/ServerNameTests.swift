import Testing

@testable import DatabricksAPI

@Suite struct ServerNameTests {
    @Test(arguments: [
        ("hush.example.com", "HUSH.example.com"), ("hush.example.com", "hush.example.com."),
        ("*.example.com", "hush.example.com"),
    ])
    func nameStandsForAHost(pattern: String, host: String) {
        #expect(ServerNameCheck.matches(pattern, host))
    }

    @Test(arguments: [
        ("example.com", "hush.example.com"), ("*.example.com", "example.com"), ("*.example.com", "a.b.example.com"),
        ("*.com", "example.com"), ("*", "localhost"), ("h*.example.com", "hush.example.com"),
        ("*.example.com", ".example.com"), ("hush.example.com.evil.org", "hush.example.com"),
    ])
    func nameStandsForNoOther(pattern: String, host: String) {
        #expect(!ServerNameCheck.matches(pattern, host))
    }
}
