import SecretScopes
import Testing

@testable import ExternalVaults

/// How links to Key Vaults are written.
@Suite struct KeyVaultDefinitionTests {
    private func shape(_ address: String, _ values: [String: String] = [:]) throws -> LinkShape {
        let url = try #require(LinkURL(address))
        #expect(AzureKeyVaultDefinition.claims(url))
        return try AzureKeyVaultDefinition.shape(
            url, LinkConfiguration(kind: .azureKeyVault, address: url, values: values))
    }

    @Test func bothFormsOfAnAddressAreTheSameVault() throws {
        let byName = try shape("azure-key-vault://KV1")
        let byHost = try shape("https://kv1.vault.azure.net/")
        #expect(byName == byHost)
        #expect(byName.address == "https://kv1.vault.azure.net")
        #expect(byName.host == LinkURL("https://kv1.vault.azure.net"))
        #expect(byName.credential == .machine)
        #expect(try shape("https://kv1.vault.azure.cn:443").address == "https://kv1.vault.azure.cn")
        #expect(try shape("https://kv1.vault.usgovcloudapi.net").address == "https://kv1.vault.usgovcloudapi.net")
    }

    @Test func aCanonicalAddressIsOneThatIsClaimed() throws {
        for address in ["azure-key-vault://kv1", "azure-key-vault://kv1.vault.stack.example"] {
            let values = ["authority-host": "https://login.stack.example"]
            let canonical = try shape(address, values).address
            #expect(try shape(canonical, values).address == canonical)
        }
    }

    @Test func otherWebAddressesAreNotClaimed() {
        for address in [
            "https://vault.azure.net", "https://kv1.vault.azure.net.evil.example", "https://example.com",
            "http://kv1.vault.azure.net",
        ] {
            #expect(LinkURL(address).map { AzureKeyVaultDefinition.claims($0) } == false)
        }
    }

    @Test(
        arguments: [
            ("azure-key-vault://", [:]), ("azure-key-vault://kv", [:]), ("azure-key-vault://1kv1", [:]),
            ("azure-key-vault://kv1/secrets/a", [:]), ("azure-key-vault://kv1.vault.stack.example", [:]),
            ("azure-key-vault://kv_1", [:]),
            ("azure-key-vault://kv1", ["auth": "client-secret"]),
            ("azure-key-vault://kv1", ["auth": "client-secret", "tenant-id": "contoso.com", "client-id": "a"]),
            ("azure-key-vault://kv1", ["version": "latest"]), ("azure-key-vault://kv1", ["api-version": "7.4&x=1"]),
            ("azure-key-vault://kv1", ["endpoint": "https://kv1.example/path"]),
        ] as [(String, [String: String])])
    func aWrongLinkIsRefusedWithAReason(address: String, values: [String: String]) throws {
        #expect(throws: LinkProblem.self) { _ = try shape(address, values) }
    }

    @Test func theCredentialIsBoundToWhomItIsShown() throws {
        let ids = [
            "auth": "client-secret", "tenant-id": "72f988bf-86f1-41af-91ab-2d7cd011db47",
            "client-id": "00000000-0000-0000-0000-000000000001",
        ]
        let plain = try shape("azure-key-vault://kv1", ids)
        #expect(plain.credential == .required)
        for more in [["endpoint": "https://10.0.0.1"], ["authority-host": "https://login.example"]] {
            #expect(try shape("azure-key-vault://kv1", ids.merging(more) { $1 }).authority != plain.authority)
        }
        #expect(try shape("azure-key-vault://kv2", ids).authority != plain.authority)
        #expect(
            try shape("azure-key-vault://kv1", ids.merging(["version": String(repeating: "0", count: 32)]) { $1 })
                .authority
                == plain.authority)
    }

    @Test func anIssuerThatTheSettingsDoNotListIsRefused() throws {
        let address = try #require(LinkURL("https://kv1.vault.azure.net"))
        let link = LinkConfiguration(
            kind: .azureKeyVault, address: address, values: ["authority-host": "https://login.evil.example"])
        let context = VaultFixture.context(policy: LinkPolicy(hosts: ["*.vault.azure.net"]))
        #expect(throws: LinkProblem.self) { _ = try AzureKeyVaultDefinition.vault(link, context) }
    }
}
