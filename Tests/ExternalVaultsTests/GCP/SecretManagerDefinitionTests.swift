import SecretScopes
import Testing

@testable import ExternalVaults

/// How links to Secret Manager are written, and the checksum of its values.
@Suite struct SecretManagerDefinitionTests {
    private func shape(_ address: String, _ values: [String: String] = [:]) throws -> LinkShape {
        let url = try #require(LinkURL(address))
        #expect(SecretManagerDefinition.claims(url))
        return try SecretManagerDefinition.shape(
            url, LinkConfiguration(kind: .gcpSecretManager, address: url, values: values))
    }

    @Test func globalAndRegionalSecretsHaveTheirHosts() throws {
        let global = try shape("gcp-secret-manager://my-project")
        #expect(global.address == "gcp-secret-manager://my-project")
        #expect(global.host == LinkURL("https://secretmanager.googleapis.com"))
        #expect(global.credential == .machine)
        let regional = try shape("gcp-secret-manager://123456/europe-west4/")
        #expect(regional.address == "gcp-secret-manager://123456/europe-west4")
        #expect(regional.host == LinkURL("https://secretmanager.europe-west4.rep.googleapis.com"))
        #expect(
            try shape("gcp-secret-manager://p", ["universe": "universe.example"]).host
                == LinkURL("https://secretmanager.universe.example"))
    }

    @Test(
        arguments: [
            ("gcp-secret-manager://", [:]), ("gcp-secret-manager://p/a/b", [:]), ("gcp-secret-manager://p:443", [:]),
            ("gcp-secret-manager://p_p", [:]), ("gcp-secret-manager://p/a%2Fb", [:]),
            ("gcp-secret-manager://p", ["version": "0"]), ("gcp-secret-manager://p", ["version": "a/b"]),
            ("gcp-secret-manager://p", ["version": "NEW"]), ("gcp-secret-manager://p", ["universe": "com"]),
            ("gcp-secret-manager://p", ["universe": "a.example/b"]), ("gcp-secret-manager://p", ["replicas": "a b"]),
            ("gcp-secret-manager://p/l", ["replicas": "a"]), ("gcp-secret-manager://p", ["impersonate": "nobody"]),
            ("gcp-secret-manager://p", ["quota-project": "a,b"]),
        ] as [(String, [String: String])])
    func aWrongLinkIsRefusedWithAReason(address: String, values: [String: String]) throws {
        #expect(throws: LinkProblem.self) { _ = try shape(address, values) }
    }

    @Test func theCredentialIsBoundToWhomItIsShown() throws {
        let ids = ["auth": "service-account"]
        let plain = try shape("gcp-secret-manager://p", ids)
        #expect(plain.credential == .required)
        for more in [
            ["endpoint": "https://10.0.0.1"], ["token-uri": "https://a.example/token"],
            ["universe": "universe.example"],
        ] {
            #expect(try shape("gcp-secret-manager://p", ids.merging(more) { $1 }).authority != plain.authority)
        }
        #expect(try shape("gcp-secret-manager://p", ids.merging(["version": "3"]) { $1 }).authority == plain.authority)
    }

    @Test func anIssuerThatTheSettingsDoNotListIsRefused() throws {
        let address = try #require(LinkURL("gcp-secret-manager://p"))
        let link = LinkConfiguration(
            kind: .gcpSecretManager, address: address, values: ["token-uri": "https://evil.example/token"])
        let context = VaultFixture.context(policy: LinkPolicy(hosts: ["*.googleapis.com"]))
        #expect(throws: LinkProblem.self) { _ = try SecretManagerDefinition.vault(link, context) }
    }

    @Test(
        arguments: [
            (Array("123456789".utf8), 3_808_858_755), ([], 0), (Array("hunter2".utf8), 1_736_498_283),
            // RFC 3720, B.4: 32 bytes of zeros, of ones, and counting up.
            ([UInt8](repeating: 0, count: 32), 2_324_772_522), ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            ([UInt8](0..<32), 0x46DD_794E),
        ] as [([UInt8], UInt32)])
    func theChecksumHasThePublishedValues(bytes: [UInt8], checksum: UInt32) {
        #expect(CRC32C.checksum(bytes.span.bytes) == checksum)
    }
}
