import Foundation
import SecretScopes
import TestPrograms
import Testing

@testable import ExternalVaults

/// The double of Entra, Key Vault and the services for managed identities, and links to it.
final class AzureDouble: Sendable {
    /// What an application's id says of how its requests fare.
    enum Application: Int {
        case normal = 1
        case nextElsewhere, nextRepeats, issuerThrottlesOnce, issuerDown, secretExpired, issuerNotJSON, issuerRedirects
        case listForbidden

        var id: String { "00000000-0000-0000-0000-00000000000\(rawValue)" }
    }

    /// One for all tests that do not count what it is asked.
    static let shared = Task { try await AzureDouble() }

    let server: VaultServer
    let authority: MemoryFile

    init(arcDirectory: String = "/nonexistent") async throws {
        server = try await VaultServer("azure_key_vault.py", [arcDirectory])
        authority = MemoryFile(server.announcement["authority"] ?? "")
    }

    subscript(_ name: String) -> String { server.announcement[name] ?? "" }

    var machine: String { "http://127.0.0.1:\(self["machine"])" }

    /// The options of a link that authenticates with a secret.
    func options(_ more: [String: String] = [:], application: Application = .normal) -> [String: String] {
        [
            "auth": "client-secret", "tenant-id": self["tenant"], "client-id": application.id,
            "endpoint": "https://127.0.0.1:\(server.port)", "authority-host": "https://localhost:\(server.port)",
            "ca-file": authority.path, "timeout": "60s",
        ].merging(more) { $1 }
    }

    /// The vault of a link; an option that is empty is left out.
    func vault(
        _ more: [String: String] = [:], application: Application = .normal, environment: [String: String] = [:]
    ) throws -> any Vault {
        try Self.vault(
            options(more, application: application).filter { !$0.value.isEmpty }, environment: environment)
    }

    static func vault(_ options: [String: String], environment: [String: String] = [:]) throws -> any Vault {
        let address = try #require(LinkURL("https://kv1.vault.azure.net"))
        let link = LinkConfiguration(kind: .azureKeyVault, address: address, values: options)
        _ = try AzureKeyVaultDefinition.shape(address, link)
        return try AzureKeyVaultDefinition.vault(link, VaultFixture.context(environment: environment))
    }

    /// A call with the application's secret.
    func call(within patience: Duration = .seconds(60)) -> VaultCall {
        VaultFixture.call(self["secret"], within: patience)
    }

    /// How often something happened there.
    func counts() async throws -> [String: Int] {
        let request = VaultRequest(
            "GET", try #require(LinkURL("https://127.0.0.1:\(server.port)")), "/__double/counts",
            timeout: .seconds(60))
        let answer = try await VaultFixture.context().transport.send(
            request, trust: ServerTrust(certificates: authority.path), deadline: .now + .seconds(60))
        let object = try JSONSerialization.jsonObject(with: Data(VaultFixture.text(answer.body).utf8))
        return object as? [String: Int] ?? [:]
    }
}

/// The reason for which `work` fails; `nil` when it does not.
func reason(_ work: () async throws -> Void) async -> VaultFailure.Reason? {
    do {
        try await work()
        return nil
    } catch {
        return (error as? VaultFailure)?.reason
    }
}
