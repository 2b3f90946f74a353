import Foundation
import SecretScopes
import TestPrograms
import Testing

@testable import ExternalVaults

/// The column of section 13 for Vault, and answers that no vault gives.
@Suite struct HashiCorpFailureTests {
    private let double: HashiCorpDouble

    init() async throws {
        double = try await HashiCorpDouble.shared.value
    }

    private func failure(
        _ name: String, of vault: any Vault, _ call: VaultCall = HashiCorpDouble.root()
    ) async -> VaultFailure? {
        do {
            _ = try await vault.get(name, call)
            return nil
        } catch {
            return error
        }
    }

    /// What the vault answers, again and again, and what that means.
    @Test(
        arguments: [
            ("\"status\":500", .unreachable), ("\"status\":502", .unreachable), ("\"status\":503", .unreachable),
            ("\"status\":501", .unreachable), ("\"status\":412", .unreachable), ("\"status\":472", .unreachable),
            ("\"status\":473", .unreachable), ("\"status\":507", .full), ("\"status\":404", .notFound),
            ("\"status\":404,\"body\":{\"errors\":[\"no handler for route\"]}", .notFound),
            ("\"status\":400,\"body\":{\"errors\":[\"what is this\"]}", .unacceptable), ("\"status\":405", .refused),
            ("\"status\":418", .refused), ("\"status\":413", .unacceptable), ("\"status\":403", .denied),
            ("\"status\":302,\"headers\":{\"Location\":\"https://elsewhere.example/\"}", .untrusted),
            ("\"status\":307,\"headers\":{\"Location\":\"https://elsewhere.example/v1/secret/data/x\"}", .untrusted),
            ("\"status\":307", .untrusted), ("\"status\":307,\"headers\":{\"Location\":\"//\"}", .untrusted),
            ("\"status\":200,\"body\":[]", .notUnderstood), ("\"status\":200,\"body\":{\"data\":null}", .notUnderstood),
            ("\"status\":200,\"body\":{\"data\":{\"data\":{\"value\":\"p\"}}}", .notUnderstood),
            ("\"status\":200,\"body\":{\"data\":{\"data\":{\"value\":\"p\"},\"metadata\":{}}}", .notUnderstood),
            ("\"status\":200,\"body\":{\"data\":{\"data\":\"p\",\"metadata\":{\"version\":1}}}", .notUnderstood),
            (
                "\"status\":404,\"body\":{\"data\":{\"data\":null,\"metadata\":{\"version\":1,\"destroyed\":true}}}",
                .destroyed
            ),
            ("\"act\":\"not-json\"", .notUnderstood), ("\"act\":\"huge\"", .notUnderstood),
            ("\"act\":\"endless\"", .notUnderstood),
            ("\"act\":\"reset\"", .unreachable),
        ] as [(String, VaultFailure.Reason)])
    func whatTheVaultAnswersHasItsCondition(fault: String, reason: VaultFailure.Reason) async throws {
        let name = UUID().uuidString
        try await double.fail("secret/data/faults/\(name)", fault, times: 3)
        #expect(await failure(name, of: try double.vault("secret/faults"))?.reason == reason)
    }

    @Test(arguments: [
        "\"status\":503", "\"status\":412", "\"status\":429,\"headers\":{\"Retry-After\":\"0\"}", "\"act\":\"reset\"",
    ])
    func whatPassesIsTriedAgain(fault: String) async throws {
        let name = UUID().uuidString
        try await double.write("{\"value\":\"p\"}", to: "secret/data/faults/\(name)")
        try await double.fail("secret/data/faults/\(name)", fault)
        #expect(await failure(name, of: try double.vault("secret/faults")) == nil)
    }

    @Test func throttlingTellsWhenToComeBack() async throws {
        try await double.fail("secret/data/faults/t", "\"status\":429,\"headers\":{\"Retry-After\":\"30\"}")
        let failure = await failure(
            // Less than the pause that the vault asks for, so that it is not waited for.
            "t", of: try double.vault("secret/faults"), HashiCorpDouble.root(within: .seconds(10)))
        #expect(failure?.reason == .throttled)
        #expect(failure?.retryAfter == .seconds(30))
    }

    @Test func aLostRaceIsAConflict() async throws {
        try await double.fail(
            "secret/data/faults/race",
            "\"status\":400,\"body\":{\"errors\":[\"check-and-set parameter did not match the current version\"]}",
            method: "POST")
        await #expect(throws: VaultFailure(.conflict)) {
            _ = try await double.vault("secret/faults").put(
                VaultFixture.secret("p"), as: "race", HashiCorpDouble.root())
        }
    }

    @Test(arguments: ["act\":\"drip", "act\":\"reset"]) func nothingLastsPastTheDeadline(fault: String) async throws {
        let name = UUID().uuidString
        try await double.fail("secret/data/faults/\(name)", "\"\(fault)\"", times: 3)
        let vault = try double.vault("secret/faults")
        _ = await failure("other", of: vault)
        let failure = await failure(name, of: vault, HashiCorpDouble.root(within: .milliseconds(300)))
        #expect(failure?.reason == .deadlinePassed || failure?.reason == .unreachable)
    }

    @Test func aVaultThatIsNotThereIsUnreachable() async throws {
        let address = try #require(LinkURL("vault://127.0.0.1:1/secret"))
        let link = LinkConfiguration(kind: .vault, address: address, values: ["tls": "false"])
        let vault = try HashiCorpDefinition.vault(link, VaultFixture.context())
        #expect(await failure("k", of: vault)?.reason == .unreachable)
    }

    @Test func aCertificateOfNobodyIsNotTrusted() async throws {
        let address = try #require(LinkURL("vault://\(double.secure)/secret"))
        let link = LinkConfiguration(kind: .vault, address: address, values: [:])
        let vault = try HashiCorpDefinition.vault(link, VaultFixture.context())
        #expect(await failure("k", of: vault)?.reason == .untrusted)
    }

    /// Whoever has a certificate for an address of their own could stand in for any name that leads there.
    @Test func aCertificateOfAnAddressIsNotOneOfAName() async throws {
        for (host, reason) in [("127.0.0.1", nil), ("localhost", .untrusted)] as [(String, VaultFailure.Reason?)] {
            let address = try #require(LinkURL("vault://\(host):\(double["address-only"])/secret/faults"))
            let link = LinkConfiguration(
                kind: .vault, address: address, values: ["ca-file": double.authority.path])
            let vault = try HashiCorpDefinition.vault(link, VaultFixture.context())
            let name = UUID().uuidString
            try await double.write("{\"value\":\"p\"}", to: "secret/data/faults/\(name)")
            #expect(await failure(name, of: vault)?.reason == reason, "\(host)")
        }
    }

    @Test func textsOfTheVaultAreNotShown() async throws {
        for status in [400, 403, 404, 405, 500] {
            let name = UUID().uuidString
            try await double.fail(
                "secret/data/faults/\(name)",
                "\"status\":\(status),\"body\":{\"errors\":[\"s3cret\"],\"warnings\":[\"s3cret\"]}", times: 3)
            let failure = try #require(await failure(name, of: try double.vault("secret/faults")))
            #expect(!"\(failure)".contains("s3cret"))
        }
    }

    // MARK: Redirects

    @Test func aRedirectIsFollowedOnceToAListedStandby() async throws {
        let (first, second) = (try await HashiCorpDouble(), try await HashiCorpDouble())
        try await second.write("{\"value\":\"from the second\"}", to: "secret/data/redirect/k")
        let location = "\"status\":307,\"headers\":{\"Location\":\"http://\(second.plain)/v1/elsewhere/data/x\"}"
        try await first.fail("secret/data/redirect/k", location)
        let vault = try first.vault("secret/redirect", ["standby-hosts": "\(second.plain), 127.0.0.1:9"])
        let secret = try await vault.get("k", HashiCorpDouble.root())
        #expect(VaultFixture.text(secret.value) == "from the second")
        // To another one: nothing is sent there.
        let before = try await second.log().count
        try await first.fail("secret/data/redirect/k", location)
        let other = try first.vault("secret/redirect", ["standby-hosts": "127.0.0.1:9"])
        #expect(await failure("k", of: other)?.reason == .untrusted)
        #expect(try await second.log().count == before)
        // Back again.
        try await first.fail("secret/data/redirect/k", location)
        try await second.fail(
            "secret/data/redirect/k",
            "\"status\":307,\"headers\":{\"Location\":\"http://\(first.plain)/v1/secret/data/redirect/k\"}")
        #expect(await failure("k", of: vault)?.reason == .untrusted)
    }
}
