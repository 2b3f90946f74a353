import Foundation
import SecretScopes
import TestPrograms
import Testing

@testable import ExternalVaults

/// The double of a Databricks workspace, and links to it. What a Hush server does itself is tested against one.
final class DatabricksDouble: Sendable {
    /// One for all tests that do not count what it is asked.
    static let shared = Task { try await DatabricksDouble() }

    let server: VaultServer

    init() async throws {
        server = try await VaultServer("databricks_workspace.py")
    }

    subscript(_ name: String) -> String { server.announcement[name] ?? "" }

    /// The vault of a link to one of its scopes.
    func vault(_ scope: String = "app", _ more: [String: String] = [:]) throws -> any Vault {
        let options = ["endpoint": "http://127.0.0.1:\(server.port)", "timeout": "60s"].merging(more) { $1 }
        let address = try #require(LinkURL("databricks://workspace.example.com/\(scope)"))
        let link = LinkConfiguration(kind: .databricks, address: address, values: options)
        _ = try DatabricksDefinition.shape(address, link)
        return try DatabricksDefinition.vault(link, VaultFixture.context())
    }

    /// The vault of a link that authenticates as a service principal.
    func servicePrincipal(_ client: String = "client") throws -> any Vault {
        try vault("app", ["auth": "oauth", "client-id": self[client]])
    }

    /// A call with a token.
    func call(within patience: Duration = .seconds(60)) -> VaultCall {
        VaultFixture.call(self["token"], within: patience)
    }

    /// How often something happened there.
    func counts() async throws -> [String: Int] {
        let object = try JSONSerialization.jsonObject(with: Data(try await ask("counts").utf8))
        return object as? [String: Int] ?? [:]
    }

    /// Makes it forget the tokens that it gave for client secrets.
    func revoke() async throws {
        _ = try await ask("revoke")
    }

    private func ask(_ what: String) async throws -> String {
        let request = VaultRequest(
            "GET", try #require(LinkURL("http://127.0.0.1:\(server.port)")), "/__double/\(what)", timeout: .seconds(60))
        let answer = try await VaultFixture.context().transport.send(
            request, trust: ServerTrust(), deadline: .now + .seconds(60))
        try #require(answer.isSuccess)
        return VaultFixture.text(answer.body)
    }
}
