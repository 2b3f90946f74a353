import Testing

@testable import ExternalVaults

@Suite struct LinkURLTests {
    @Test func anAddressIsTakenApart() throws {
        let url = try #require(LinkURL("vault://Vault.Example.com:8200/secret/app"))
        #expect(url.scheme == "vault")
        #expect(url.host == "vault.example.com")
        #expect(url.port == 8200)
        #expect(url.segments == ["secret", "app"])
        #expect(url.description == "vault://vault.example.com:8200/secret/app")
    }

    @Test(arguments: [
        "", "vault", "vault:/x", "://x", "https://user@host/", "https://user:password@host", "https://host:0",
        "https://host:x",
        "https://host/a?b=c", "https://host/#a", "https://ho st/", "https://[::1/",
    ])
    func whatIsNoAddressIsRefused(text: String) {
        #expect(LinkURL(text) == nil)
    }
}
