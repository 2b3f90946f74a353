import SecretScopes
import TestPrograms
import Testing

@testable import ExternalVaults

@Suite struct HashiCorpDefinitionTests {
    private func shape(_ text: String, _ options: [String: String] = [:]) throws -> LinkShape {
        let address = try #require(LinkURL(text))
        let all = LinkOption.common + HashiCorpDefinition.options
        for (name, value) in options {
            #expect(all.first { $0.name == name }?.accepts(value) ?? false, "\(name)=\(value)")
        }
        return try HashiCorpDefinition.shape(
            address, LinkConfiguration(kind: .vault, address: address, values: options))
    }

    @Test func addressesAreWrittenInOneWay() throws {
        let shape = try shape("vault://Vault.Example.com/secret//my%20app/")
        #expect(shape.address == "vault://vault.example.com:8200/secret/my%20app")
        #expect(shape.host == LinkURL("https://vault.example.com:8200"))
        #expect(shape.credential == .required)
    }

    @Test func theAuthorityIsWhoeverIsShownTheCredential() throws {
        let plain = try shape("vault://vault.example.com/secret")
        #expect(plain.authority == "https://vault.example.com:8200")
        #expect(try shape("vault://vault.example.com:8200/other", ["namespace": "a"]).authority == plain.authority)
        #expect(try shape("vault://vault.example.com:8201/secret").authority != plain.authority)
        #expect(try shape("vault://vault.example.com/secret", ["standby-hosts": "b:8200"]).authority != plain.authority)
        #expect(
            try shape("vault://vault.example.com/secret", ["standby-hosts": "b,c:1"]).authority
                == shape("vault://vault.example.com/secret", ["standby-hosts": "c:1 b:8200"]).authority)
    }

    @Test(
        arguments: [
            (["auth": "kubernetes", "role": "r"], .machine), (["auth": "token-file", "token-file": "/f"], .machine),
            (["auth": "jwt", "jwt-file": "/f"], .machine), (["auth": "jwt"], .required), (["auth": "cert"], .required),
            (["auth": "approle", "role-id": "r"], .required),
            (["auth": "approle", "role-id": "r", "wrapped": "true"], .required),
            (["auth": "approle", "role-id": "r", "bind-secret-id": "false"], .none), (["auth": "token"], .required),
        ] as [([String: String], LinkShape.CredentialNeed)])
    func everyWayToLogInSaysWhetherItNeedsACredential(options: [String: String], need: LinkShape.CredentialNeed) throws
    {
        #expect(try shape("vault://v/secret", options).credential == need)
    }

    @Test(
        arguments: [
            ("vault:///secret", [:]), ("vault://v", [:]), ("vault://v/", [:]), ("vault://v/a/../b", [:]),
            ("vault://v/a./b", [:]),
            ("vault://v/a%2fb", [:]), ("vault://v/secret", ["tls": "false"]), ("vault://v/secret", ["auth": "approle"]),
            ("vault://v/secret", ["auth": "kubernetes"]), ("vault://v/secret", ["auth": "token-file"]),
            ("vault://v/secret", ["role-id": "r"]), ("vault://v/secret", ["auth": "cert", "wrapped": "true"]),
            ("vault://v/secret", ["auth": "approle", "role-id": "r", "wrapped": "true", "bind-secret-id": "false"]),
            ("vault://v/secret", ["mount": "secret"]), ("vault://v/secret", ["mount": "other", "kv-version": "2"]),
            ("vault://v/secret", ["kv-version": "1", "version": "3"]),
            ("vault://v/secret", ["version": "3", "writable": "true"]),
            ("vault://v/secret/a", ["layout": "fields", "property": "x"]),
            ("vault://v/secret", ["standby-hosts": "http://x"]), ("vault://v/secret", ["standby-hosts": "x/y"]),
            ("vault://127.0.0.1/secret", ["tls": "false", "standby-hosts": "x:1"]),
            ("vault://v/secret", ["auth": "approle", "role-id": "r", "auth-mount": "/"]),
        ] as [(String, [String: String])])
    func whatDoesNotGoTogetherIsRefused(address: String, options: [String: String]) throws {
        #expect(throws: LinkProblem.self) { try shape(address, options) }
    }

    @Test func standbysMustBeAmongTheHostsThatMayBeLinked() throws {
        let address = try #require(LinkURL("vault://v/secret"))
        let link = LinkConfiguration(kind: .vault, address: address, values: ["standby-hosts": "w:8200"])
        let policy = LinkPolicy(hosts: ["v"])
        #expect(throws: LinkProblem.self) {
            try HashiCorpDefinition.vault(link, VaultFixture.context(policy: policy))
        }
    }
}
