import Foundation
import SecretScopes
import TestPrograms
import Testing

@testable import ExternalVaults

/// Section 8.4: every way to log in, and the life of tokens.
@Suite struct HashiCorpSessionTests {
    private let double: HashiCorpDouble

    init() async throws {
        double = try await HashiCorpDouble()
        try await double.write("{\"value\":\"p\"}", to: "secret/data/app/k")
        try await double.write("{\"value\":\"p\"}", to: "secret/data/forbidden/k")
    }

    private func reason(_ vault: any Vault, _ call: VaultCall, _ name: String = "k") async -> VaultFailure.Reason? {
        do {
            _ = try await vault.get(name, call)
            return nil
        } catch {
            return error.reason
        }
    }

    private func asked(_ path: String) async throws -> Int {
        try await double.log().filter { $0.hasSuffix(" /v1/\(path)") }.count
    }

    // MARK: Ways

    @Test(
        arguments: [
            (["auth": "token"], "root", nil), (["auth": "token"], "wrong", .credentialRejected),
            (["auth": "approle", "role-id": "normal"], "the-secret-id", nil),
            (["auth": "approle", "role-id": "normal"], "wrong", .credentialRejected),
            (["auth": "approle", "role-id": "nobody"], "the-secret-id", .credentialRejected),
            (["auth": "approle", "role-id": "normal", "auth-mount": "team/approle"], "the-secret-id", nil),
            (["auth": "approle", "role-id": "normal", "auth-mount": "none"], "the-secret-id", .credentialRejected),
            (["auth": "approle", "role-id": "unbound", "bind-secret-id": "false"], nil, nil),
            (["auth": "approle", "role-id": "batch"], "the-secret-id", nil),
            (["auth": "approle", "role-id": "burning"], "the-secret-id", .credentialRejected),
            (["auth": "jwt", "role": "normal"], "the-jwt-token", nil), (["auth": "jwt"], "the-jwt-token", nil),
            (["auth": "jwt", "role": "normal"], "wrong", .credentialRejected),
            (["auth": "cert", "tls": "true"], "client", nil),
            (["auth": "cert", "tls": "true", "role": "web"], "client", nil),
            (["auth": "cert", "tls": "true", "role": "other"], "client", .credentialRejected),
            (["auth": "cert", "tls": "true"], "not PEM", .credentialUnreadable),
            (["auth": "token"], "with\nline", .credentialUnreadable), (["auth": "token"], nil, .credentialUnreadable),
        ] as [([String: String], String?, VaultFailure.Reason?)])
    func everyWayToLogIn(options: [String: String], credential: String?, reason: VaultFailure.Reason?) async throws {
        let vault = try double.vault("secret/app", options)
        let credential = credential == "client" ? double["client"] : credential
        #expect(await self.reason(vault, VaultFixture.call(credential)) == reason)
    }

    @Test func tokensThatFilesHold() async throws {
        let file = MemoryFile("the-kubernetes-token\n")
        let kubernetes = try double.vault(
            "secret/app", ["auth": "kubernetes", "role": "normal", "jwt-file": file.path])
        #expect(await reason(kubernetes, VaultFixture.call()) == nil)
        file.replace(with: "the-jwt-token")
        let jwt = try double.vault("secret/app", ["auth": "jwt", "role": "normal", "jwt-file": file.path])
        #expect(await reason(jwt, VaultFixture.call()) == nil)
        let kept = try double.vault("secret/app", ["auth": "token-file", "token-file": file.path])
        file.replace(with: "wrong")
        #expect(await reason(kept, VaultFixture.call()) == .credentialRejected)
        // An agent writes a fresh one.
        file.replace(with: try await double.token("{}"))
        #expect(await reason(kept, VaultFixture.call()) == nil)
        try await double.revokeAll()
        file.replace(with: try await double.token("{}"))
        #expect(await reason(kept, VaultFixture.call()) == nil)
        let missing = try double.vault("secret/app", ["auth": "token-file", "token-file": "/nothing/there"])
        #expect(await reason(missing, VaultFixture.call()) == .credentialUnreadable)
    }

    // MARK: The life of tokens

    private let appRole = ["auth": "approle", "role-id": "normal"]

    @Test func oneLoginServesManyCalls() async throws {
        let vault = try double.vault("secret/app", appRole)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try await vault.get("k", VaultFixture.call("the-secret-id")) } }
            try await group.waitForAll()
        }
        #expect(try await asked("auth/approle/login") == 1)
        // Another credential, another login; the token of the first is given back.
        _ = try await vault.get("k", VaultFixture.call("the-secret-id", revision: "2"))
        #expect(try await asked("auth/approle/login") == 2)
        while try await double.tokenCount() > 1 { try await Task.sleep(for: .milliseconds(5)) }
        await vault.close()
        #expect(try await double.tokenCount() == 0)
    }

    @Test func aTokenOfTheLinksOwnIsNotRevoked() async throws {
        let token = try await double.token("{}")
        let vault = try double.vault("secret/app")
        #expect(await reason(vault, VaultFixture.call(token)) == nil)
        await vault.close()
        #expect(try await double.tokenCount() == 1)
        #expect(try await asked("auth/token/revoke-self") == 0)
    }

    @Test func batchTokensAreNotRevoked() async throws {
        let vault = try double.vault("secret/app", ["auth": "approle", "role-id": "batch"])
        #expect(await reason(vault, VaultFixture.call("the-secret-id")) == nil)
        await vault.close()
        #expect(try await asked("auth/token/revoke-self") == 0)
    }

    /// When a token of a minute is renewed: at two thirds of its life.
    private let toRenewal = Duration.seconds(40)

    @Test func aTokenIsRenewedBeforeItEnds() async throws {
        let clock = SetClock()
        let vault = try double.vault("secret/app", ["auth": "approle", "role-id": "short"], clock: clock)
        #expect(await reason(vault, VaultFixture.call("the-secret-id")) == nil)
        for renewals in 1...3 {
            clock.advance(by: toRenewal - .seconds(1))
            #expect(await reason(vault, VaultFixture.call("the-secret-id")) == nil)
            #expect(try await asked("auth/token/renew-self") == renewals - 1)
            clock.advance(by: .seconds(1))
            #expect(await reason(vault, VaultFixture.call("the-secret-id")) == nil)
            #expect(try await asked("auth/token/renew-self") == renewals)
        }
        #expect(try await asked("auth/approle/login") == 1)
    }

    @Test func aTokenOfTheLinksOwnIsRenewedToo() async throws {
        let clock = SetClock()
        let token = try await double.token("{\"ttl\":60}")
        let vault = try double.vault("secret/app", clock: clock)
        #expect(await reason(vault, VaultFixture.call(token)) == nil)
        clock.advance(by: toRenewal)
        #expect(await reason(vault, VaultFixture.call(token)) == nil)
        #expect(try await asked("auth/token/renew-self") == 1)
    }

    @Test(arguments: ["capped", "no-renewal"]) func aTokenThatDoesNotGetOlderIsReplaced(role: String) async throws {
        let clock = SetClock()
        let vault = try double.vault("secret/app", ["auth": "approle", "role-id": role], clock: clock)
        for logins in 1...3 {
            #expect(await reason(vault, VaultFixture.call("the-secret-id")) == nil)
            #expect(try await asked("auth/approle/login") == logins)
            clock.advance(by: toRenewal)
        }
        #expect(try await asked("auth/token/renew-self") == (role == "capped" ? 2 : 0))
    }

    @Test func aRenewalThatFailsLeavesTheTokenInUseUntilItEnds() async throws {
        let clock = SetClock()
        let vault = try double.vault("secret/app", ["auth": "approle", "role-id": "short"], clock: clock)
        #expect(await reason(vault, VaultFixture.call("the-secret-id")) == nil)
        try await double.fail("auth/*", "\"status\":400", times: 1000)
        clock.advance(by: toRenewal)
        for _ in 1...2 { #expect(await reason(vault, VaultFixture.call("the-secret-id")) == nil) }
        // It is not tried again at every read.
        #expect(try await asked("auth/token/renew-self") == 1)
        clock.advance(by: .seconds(20))
        #expect(await reason(vault, VaultFixture.call("the-secret-id")) == .credentialRejected)
    }

    // MARK: Refusals

    @Test func aRefusedTokenIsReplacedOnceAndTheReadRepeated() async throws {
        let vault = try double.vault("secret/app", appRole)
        let call = VaultFixture.call("the-secret-id")
        #expect(await reason(vault, call) == nil)
        try await double.revokeAll()
        #expect(await reason(vault, call) == nil)
        #expect(try await asked("auth/approle/login") == 2)
        #expect(try await asked("auth/token/lookup-self") == 1)
    }

    @Test func aTokenThatMayNotIsTheVaultsRefusalAndNotTheTokens() async throws {
        let vault = try double.vault("secret/forbidden", appRole)
        #expect(await reason(vault, VaultFixture.call("the-secret-id")) == .denied)
        #expect(try await asked("auth/approle/login") == 1)
        let other = try double.vault("secret/app", ["kv-version": "2"])
        let token = try await double.token("{\"policies\":[\"blind\",\"default\"]}")
        #expect(await reason(other, VaultFixture.call(token)) == .denied)
        // What may not be read can still be deleted.
        try await other.delete("k", VaultFixture.call(token))
        #expect(await reason(try double.vault("secret/app"), HashiCorpDouble.root()) == .deletedRecoverably)
    }

    @Test func aRevokedTokenOfTheLinksOwnIsRejected() async throws {
        let vault = try double.vault("secret/app")
        let token = try await double.token("{}")
        #expect(await reason(vault, VaultFixture.call(token)) == nil)
        try await double.revokeAll()
        #expect(await reason(vault, VaultFixture.call(token)) == .credentialRejected)
        #expect(await reason(vault, VaultFixture.call("root", revision: "2")) == nil)
    }

    @Test func aTokenWithFewUsesIsRefused() async throws {
        let token = try await double.token("{\"num_uses\":5}")
        #expect(await reason(try double.vault("secret/app"), VaultFixture.call(token)) == .credentialRejected)
    }

    @Test func aTokenWithoutTheRightToAskAboutItselfWorks() async throws {
        let token = try await double.token("{\"policies\":[\"app\"]}")
        let vault = try double.vault("secret/app", ["kv-version": "2"])
        #expect(await reason(vault, VaultFixture.call(token)) == nil)
    }

    @Test func aLoginThatIsDownIsUnreachableAndNotRejected() async throws {
        try await double.fail("auth/approle/login", "\"status\":503", times: 3)
        let vault = try double.vault("secret/app", appRole)
        #expect(await reason(vault, VaultFixture.call("the-secret-id")) == .unreachable)
        // A secret id may have few uses: its login is not repeated.
        #expect(try await asked("auth/approle/login") == 1)
    }

    // MARK: Wrapped secret ids

    private let wrapped = ["auth": "approle", "role-id": "normal", "wrapped": "true"]

    private func wrap(_ path: String) async throws -> String {
        let answer = try await double.ask("POST", path, "{\"num_uses\":2}", headers: [("X-Vault-Wrap-TTL", "60s")])
        let object = try JSONSerialization.jsonObject(with: Data(VaultFixture.text(answer.body).utf8)) as? [String: Any]
        return try #require((object?["wrap_info"] as? [String: Any])?["token"] as? String)
    }

    @Test func aWrappingTokenGivesTheSecretIDOnce() async throws {
        let token = try await wrap("auth/approle/role/normal/secret-id")
        let vault = try double.vault("secret/app", wrapped)
        #expect(await reason(vault, VaultFixture.call(token)) == nil)
        // The secret id is kept, the wrapping token not asked again.
        try await double.revokeAll()
        #expect(await reason(vault, VaultFixture.call(token)) == nil)
        #expect(try await asked("sys/wrapping/unwrap") == 1)
        // Somebody else comes too late, and is told so.
        let other = try double.vault("secret/app", wrapped)
        #expect(await reason(other, VaultFixture.call(token)) == .credentialRejected)
        #expect(try await asked("sys/wrapping/unwrap") == 1)
    }

    @Test func aWrappingTokenOfSomethingElseIsNotUsed() async throws {
        let token = try await wrap("auth/token/create")
        let vault = try double.vault("secret/app", wrapped)
        #expect(await reason(vault, VaultFixture.call(token)) == .untrusted)
        #expect(try await asked("sys/wrapping/unwrap") == 0)
    }
}
