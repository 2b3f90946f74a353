import Foundation
import SecretScopes
import TestPrograms
import Testing

@testable import ExternalVaults

/// The double of Google's token endpoints, metadata service and Secret Manager, and links to it.
final class GoogleDouble: Sendable {
    /// One for all tests that do not count what it is asked.
    static let shared = Task { try await GoogleDouble() }

    let server: VaultServer

    init() async throws {
        server = try await VaultServer("gcp_secret_manager.py")
    }

    subscript(_ name: String) -> String { server.announcement[name] ?? "" }

    var base: String { "http://127.0.0.1:\(server.port)" }

    /// The vault of a link that authenticates with the key of a service account, unless `more` says something else; an
    /// option that is empty is left out.
    func vault(
        _ more: [String: String] = [:], at address: String = "gcp-secret-manager://project",
        environment: [String: String] = [:], policy: LinkPolicy = LinkPolicy(hosts: ["127.0.0.1", "localhost"])
    ) throws -> any Vault {
        let options = ["auth": "service-account", "endpoint": base, "token-uri": base + "/token", "timeout": "60s"]
            .merging(more) { $1 }.filter { !$0.value.isEmpty }
        let address = try #require(LinkURL(address))
        let link = LinkConfiguration(kind: .gcpSecretManager, address: address, values: options)
        _ = try SecretManagerDefinition.shape(address, link)
        return try SecretManagerDefinition.vault(
            link, VaultFixture.context(policy: policy, environment: environment))
    }

    /// A call with the service account's key.
    func call(within patience: Duration = .seconds(60)) -> VaultCall {
        VaultFixture.call(self["account"], within: patience)
    }

    /// The configuration of an external account, as a credential.
    func externalAccount(_ source: [String: Any], _ more: [String: Any] = [:]) throws -> String {
        let account: [String: Any] = [
            "type": "external_account", "audience": self["pool"],
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": base + "/v1/token",
            "credential_source": source,
        ]
        return try Self.json(account.merging(more) { $1 })
    }

    /// Where the account that others may act as is lent.
    var lending: String { base + "/v1/projects/-/serviceAccounts/\(self["lent"]):generateAccessToken" }

    /// The service account's file with other fields.
    func account(_ more: [String: Any]) throws -> String {
        let object = try JSONSerialization.jsonObject(with: Data(self["account"].utf8)) as? [String: Any]
        return try Self.json((object ?? [:]).merging(more) { $1 })
    }

    static func json(_ object: [String: Any]) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
    }

    /// How often something happened there.
    func counts() async throws -> [String: Int] {
        let request = VaultRequest(
            "GET", try #require(LinkURL(base)), "/__double/counts", timeout: .seconds(60))
        let answer = try await VaultFixture.context().transport.send(
            request, trust: ServerTrust(), deadline: .now + .seconds(60))
        let object = try JSONSerialization.jsonObject(with: Data(VaultFixture.text(answer.body).utf8))
        return object as? [String: Int] ?? [:]
    }
}
