import Foundation
import SecretMemory
import SecretScopes
import TestPrograms
import Testing

@testable import ExternalVaults

/// The double of Vault, and links to it.
final class HashiCorpDouble: Sendable {
    /// One for all tests that do not count what it is asked, or revoke its tokens.
    static let shared = Task { try await HashiCorpDouble() }

    let server: VaultServer
    let authority: MemoryFile

    init() async throws {
        server = try await VaultServer("vault_double.py")
        authority = MemoryFile(server.announcement["authority"] ?? "")
    }

    subscript(_ name: String) -> String { server.announcement[name] ?? "" }

    var plain: String { "127.0.0.1:\(server.port)" }
    var secure: String { "127.0.0.1:\(self["secure"])" }

    /// The vault of a link over plain HTTP, or over TLS when its options say so.
    func vault(
        _ path: String, _ options: [String: String] = [:], clock: any SteadyClock = SystemSteadyClock()
    ) throws -> any Vault {
        // However busy the machine is.
        var options = ["tls": "false", "timeout": "60s"].merging(options) { $1 }
        let isSecure = options["tls"] != "false"
        if isSecure { options["ca-file"] = authority.path }
        let address = try #require(LinkURL("vault://\(isSecure ? secure : plain)/\(path)"))
        let link = LinkConfiguration(kind: .vault, address: address, values: options)
        _ = try HashiCorpDefinition.shape(address, link)
        return try HashiCorpDefinition.vault(link, VaultFixture.context(steadyClock: clock))
    }

    /// A call with a token that may do everything.
    static func root(within patience: Duration = .seconds(60)) -> VaultCall {
        VaultFixture.call("root", within: patience)
    }

    // MARK: What is told to the double itself

    /// Makes answers fail: `fault` is JSON.
    func fail(_ path: String, _ fault: String, method: String? = nil, times: Int = 1) async throws {
        let method = method.map { "\"method\":\"\($0)\"," } ?? ""
        _ = try await control(
            "POST", "faults", "{\"faults\":[{\"path\":\"/v1/\(path)\",\(method)\"times\":\(times),\(fault)}]}")
    }

    /// What it was asked, `METHOD PATH`.
    func log() async throws -> [String] {
        let answer = try await control("GET", "log")
        return try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String] ?? []
    }

    /// Makes a token; `settings` is JSON.
    func token(_ settings: String) async throws -> String {
        let answer = try await control("POST", "new-token", settings)
        let object = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: String]
        return try #require(object?["token"])
    }

    /// How many tokens it made that are valid.
    func tokenCount() async throws -> Int {
        let answer = try await control("GET", "tokens")
        return try #require(try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Int])["count"] ?? -1
    }

    func revokeAll() async throws {
        _ = try await control("POST", "revoke-all")
    }

    /// Writes fields, in JSON, as everybody else would.
    func write(_ fields: String, to path: String) async throws {
        let answer = try await ask("POST", path, "{\"data\":\(fields)}")
        try #require(answer.isSuccess)
    }

    /// The fields of a secret, as everybody else would see them.
    func fields(_ path: String) async throws -> [String: String] {
        let answer = try await ask("GET", path)
        let object = try JSONSerialization.jsonObject(with: Data(VaultFixture.text(answer.body).utf8)) as? [String: Any]
        let data = object?["data"] as? [String: Any]
        return (data?["data"] as? [String: Any] ?? data ?? [:]).mapValues { "\($0)" }
    }

    func ask(
        _ method: String, _ path: String, _ body: String? = nil, headers: [(name: String, value: String)] = []
    ) async throws -> VaultAnswer {
        let request = VaultRequest(
            method, try #require(LinkURL("http://\(plain)")), "/v1/\(path)",
            headers: [("X-Vault-Request", "true"), ("X-Vault-Token", "root")] + headers,
            body: body.map(VaultFixture.secret),
            timeout: .seconds(60))
        return try await VaultFixture.context().transport.send(
            request, trust: ServerTrust(), deadline: .now + .seconds(60))
    }

    private func control(_ method: String, _ what: String, _ body: String? = nil) async throws -> String {
        let request = VaultRequest(
            method, try #require(LinkURL("http://\(plain)")), "/__double/\(what)", body: body.map(VaultFixture.secret),
            timeout: .seconds(60))
        let answer = try await VaultFixture.context().transport.send(
            request, trust: ServerTrust(), deadline: .now + .seconds(60))
        try #require(answer.isSuccess)
        return VaultFixture.text(answer.body)
    }
}
