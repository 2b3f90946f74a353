import SecretScopes
import Testing

@testable import ExternalVaults

/// Section 1, and whom links may reach.
@Suite struct VaultTransportTests {
    @Test(arguments: [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192",
        "168.63.129.16", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00:ec2::254", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
    ])
    func addressesOfThisMachineTheLinkAndMetadataAreGuarded(text: String) throws {
        #expect(try #require(NetworkAddress(text)).isGuarded)
    }

    @Test(arguments: ["8.8.8.8", "10.1.2.3", "192.168.1.1", "172.16.0.1", "2001:db8::1", "fd12:3456::1"])
    func otherAddressesAreNot(text: String) throws {
        #expect(try !#require(NetworkAddress(text)).isGuarded)
    }

    private func refusal(_ url: String, policy: LinkPolicy = LinkPolicy()) async throws -> VaultFailure {
        let context = VaultFixture.context(policy: policy)
        let origin = try #require(LinkURL(url))
        return try #require(
            await #expect(throws: VaultFailure.self) {
                try await context.transport.send(
                    VaultRequest("GET", origin, "/", timeout: .seconds(5)), trust: ServerTrust(),
                    deadline: .now + .seconds(5))
            })
    }

    @Test func aNameThatStandsForThisMachineIsRefusedAfterItsResolution() async throws {
        // Every system knows it, and it is no address itself.
        let failure = try await refusal("https://localhost:9")
        #expect(failure.reason == .untrusted)
        #expect(failure.detail?.contains("links.hosts") == true)
    }

    @Test func whatIsListedIsReached() async throws {
        let failure = try await refusal("https://localhost:9", policy: LinkPolicy(hosts: ["localhost"]))
        #expect(failure.reason == .unreachable)
    }

    @Test func plainHTTPIsForThisMachineAlone() async throws {
        let failure = try await refusal("http://example.com", policy: LinkPolicy(hosts: ["example.com"]))
        #expect(failure.reason == .untrusted)
    }

    @Test func aNameThatNobodyKnowsIsUnreachable() async throws {
        #expect(try await refusal("https://nobody.invalid").reason == .unreachable)
    }

    @Test func datesOfHTTPAreRead() {
        #expect(HTTPDate.timestamp("Sun, 06 Nov 1994 08:49:37 GMT")?.rawValue == 784_111_777_000)
        #expect(HTTPDate.timestamp("Thu, 01 Jan 1970 00:00:00 GMT")?.rawValue == 0)
        #expect(HTTPDate.timestamp("yesterday") == nil)
    }

    @Test func proxiesAreTakenFromTheUsualVariablesAndNeverForThisMachine() throws {
        let proxies = ProxySettings(environment: [
            "HTTPS_PROXY": "http://proxy.example.com:8080", "no_proxy": "internal.example.com,.corp, 10.0.0.1",
        ])
        let url = { (text: String) in try #require(LinkURL(text)) }
        #expect(try proxies.proxy(to: url("https://vault.example.com"))?.port == 8080)
        for direct in [
            "https://internal.example.com", "https://a.internal.example.com", "https://x.corp", "https://10.0.0.1",
            "https://localhost", "https://127.0.0.1:8200",
        ] {
            #expect(try proxies.proxy(to: url(direct)) == nil, "\(direct)")
        }
    }

    @Test func policiesListNamesPortsAndSuffixes() {
        let policy = LinkPolicy(
            directories: ["/run/secrets/"], hosts: ["vault.example.com", "10.0.0.1:8200", "*.internal"])
        #expect(policy.allows(host: "vault.example.com", port: 8200))
        #expect(policy.allows(host: "10.0.0.1", port: 8200) && !policy.allows(host: "10.0.0.1", port: 443))
        #expect(policy.allows(host: "a.internal", port: nil) && !policy.allows(host: "internal", port: nil))
        #expect(!policy.allows(host: "other.example.com", port: nil))
        #expect(policy.allows(directory: "/run/secrets/app") && !policy.allows(directory: "/run/secrets-else"))
    }
}
