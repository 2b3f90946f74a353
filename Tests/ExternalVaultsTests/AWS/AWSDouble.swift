import Foundation
import SecretCrypto
import SecretMemory
import SecretScopes
import TestPrograms
import Testing

@testable import ExternalVaults

/// The double of AWS' services and of what gives machines credentials, and links to it.
final class AWSDouble: Sendable {
    /// Which of the two vaults.
    enum Service: Sendable, CaseIterable {
        case secretsManager, parameterStore

        /// How names begin there.
        var prefix: String { self == .secretsManager ? "app/" : "/app/" }
    }

    /// One for all tests that do not count what it is asked.
    static let shared = Task { try await AWSDouble() }

    let server: VaultServer

    /// - Parameter arguments: `near-end` for a metadata service whose credentials have ended, `flaky-metadata` for one that
    ///   fails once for each path.
    init(_ arguments: String...) async throws {
        server = try await VaultServer("aws_double.py", arguments)
    }

    subscript(_ name: String) -> String { server.announcement[name] ?? "" }

    func address(_ name: String) -> String { "http://127.0.0.1:\(self[name])" }

    /// The variables that lead a link's requests to the double.
    func environment(_ more: [String: String] = [:]) -> [String: String] {
        [
            "AWS_ENDPOINT_URL": address("port"), "AWS_EC2_METADATA_SERVICE_ENDPOINT": address("metadata") + "/",
            // However busy the machine is.
            "AWS_METADATA_SERVICE_TIMEOUT": "60", "HOME": "/nonexistent",
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "",
        ].merging(more) { $1 }
    }

    /// The vault of a link whose credential is the double's own key, or that acts as the machine when `options` say so.
    func vault(
        _ service: Service, _ options: [String: String] = [:], environment more: [String: String] = [:]
    ) throws -> any Vault {
        var context = VaultFixture.context(environment: environment(more))
        context.random = AWSFixture.Hurry()
        var options = options
        options["timeout"] = options["timeout"] ?? "60s"
        if options["auth"] == nil { options["access-key-id"] = options["access-key-id"] ?? self["key"] }
        let definition: any VaultDefinition.Type =
            service == .secretsManager ? SecretsManagerDefinition.self : ParameterStoreDefinition.self
        let link = LinkConfiguration(
            kind: definition.kind, address: try #require(LinkURL("\(definition.kind.name)://eu-west-1/app/")),
            values: options)
        _ = try definition.shape(link.address, link)
        return try definition.vault(link, context)
    }

    /// A call with the key's secret part.
    func call(within patience: Duration = .seconds(60)) -> VaultCall {
        VaultFixture.call(self["secret"], within: patience)
    }

    /// How often something happened there.
    func counts() async throws -> [String: String] {
        try await control("counts")
    }

    /// Makes the double refuse, once, the session that it gave last.
    func endLastSession() async throws {
        let token = try #require(try await counts()["last token"])
        _ = try await control("drop/" + PercentEncoding.encode(token))
    }

    private func control(_ path: String) async throws -> [String: String] {
        let request = VaultRequest(
            "GET", try #require(LinkURL(address("port"))), "/__double/\(path)", timeout: .seconds(60))
        let answer = try await VaultFixture.context().transport.send(
            request, trust: ServerTrust(), deadline: .now + .seconds(60))
        let object = try JSONSerialization.jsonObject(with: Data(VaultFixture.text(answer.body).utf8))
        return (object as? [String: Any] ?? [:]).mapValues { "\($0)" }
    }
}
