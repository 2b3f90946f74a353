import SecretMemory
import TestPrograms
import Testing

@testable import ExternalVaults

/// The challenge by which a vault says whose token it wants, and what is made of it.
@Suite(.timeLimit(.minutes(2))) struct KeyVaultChallengeTests {
    @Test func oneChallengeIsEnoughForAllRequests() async throws {
        let double = try await AzureDouble()
        let vault = try double.vault()
        // The double refuses a request that has a body and no token.
        _ = try await vault.put(VaultFixture.secret("x"), as: "first", double.call())
        _ = try await vault.get("first", double.call())
        let counts = try await double.counts()
        #expect(counts["challenges"] == 1)
        #expect(counts["token requests"] == 1)
    }

    @Test func aTokenForAnotherServiceIsNeverAskedFor() async throws {
        let double = try await AzureDouble()
        for name in [
            "foreign-resource", "longer-resource", "half-resource", "plain-resource", "foreign-authority",
            "plain-authority",
            "foreign-tenant",
        ] {
            let vault = try double.vault()
            #expect(await reason { _ = try await vault.get(name, double.call()) } == .untrusted, "\(name)")
        }
        #expect(
            await reason { _ = try await double.vault().get("no-challenge", double.call()) } == .notUnderstood)
        #expect(try await double.counts()["token requests"] == nil)
    }

    @Test func aTenantCountsOnlyWhenItIsNamed() async throws {
        let double = try await AzureDouble.shared.value
        let vault = try double.vault(
            ["auth": "managed-identity", "tenant-id": ""],
            environment: ["AZURE_POD_IDENTITY_AUTHORITY_HOST": double.machine])
        let secret = try await vault.get("db-password", VaultFixture.call())
        #expect(VaultFixture.text(secret.value) == "hunter3")
    }

    @Test func theFormWithAScopeIsUnderstood() async throws {
        let double = try await AzureDouble.shared.value
        let secret = try await double.vault().get("scope-form", double.call())
        #expect(VaultFixture.text(secret.value) == "behind scope-form")
    }

    @Test func missingClaimsAreAskedForOnce() async throws {
        let double = try await AzureDouble()
        let vault = try double.vault()
        // Straight after the first challenge, and once the challenge is known.
        #expect(VaultFixture.text(try await vault.get("claims", double.call()).value) == "behind claims")
        #expect(VaultFixture.text(try await vault.get("claims", double.call()).value) == "behind claims")
        #expect(try await double.counts()["token requests"] == 2)
        #expect(await reason { _ = try await vault.get("claims-never", double.call()) } == .credentialRejected)
        // Nothing of it stays behind.
        #expect(VaultFixture.text(try await vault.get("db-password", double.call()).value) == "hunter3")
    }

    @Test func aRefusedTokenIsRenewedOnce() async throws {
        let double = try await AzureDouble()
        let vault = try double.vault()
        _ = try await vault.get("db-password", double.call())
        #expect(VaultFixture.text(try await vault.get("revoked-once", double.call()).value) == "behind revoked-once")
        #expect(try await double.counts()["token requests"] == 2)
        #expect(await reason { _ = try await vault.get("unauthorized", double.call()) } == .credentialRejected)
        #expect(try await double.counts()["token requests"] == 3)
    }

    @Test func anotherCredentialGetsAnotherToken() async throws {
        let double = try await AzureDouble.shared.value
        let vault = try double.vault()
        _ = try await vault.get("db-password", double.call())
        #expect(
            await reason {
                _ = try await vault.get("db-password", VaultFixture.call("wrong", revision: "2"))
            } == .credentialRejected)
        _ = try await vault.get("db-password", double.call())
    }

    private func challenge(_ header: String) -> AuthenticationChallenge? {
        AuthenticationChallenge(
            VaultAnswer(
                status: 401, headers: [("WWW-Authenticate", header)], body: VaultFixture.secret("")))
    }

    @Test func headersAreTakenApart() throws {
        let simple = try #require(challenge(#"Bearer authorization="https://a/b", resource="https://c""#))
        #expect(simple.parameters == ["authorization": "https://a/b", "resource": "https://c"])
        let spaced = try #require(challenge(#"bearer  authorization = "https://a/b,c" ,resource=https://c"#))
        #expect(spaced.parameters == ["authorization": "https://a/b,c", "resource": "https://c"])
        #expect(challenge("Basic realm=x") == nil)
        #expect(challenge("Bearer") == nil)
        #expect(challenge("") == nil)
        #expect(challenge(#"Bearer authorization="unclosed"#)?.parameters == ["authorization": "unclosed"])
    }

    @Test func claimsAreReadOnlyFromAChallengeThatMissesThem() throws {
        let text = "eyJhIjp7fX0"
        #expect(
            challenge(#"Bearer error="insufficient_claims", claims="\#(text)""#)?.claims(pool: VaultFixture.pool)
                == #"{"a":{}}"#)
        #expect(
            challenge(#"Bearer error="invalid_token", claims="\#(text)=""#)?.claims(pool: VaultFixture.pool)
                == #"{"a":{}}"#)
        #expect(challenge(#"Bearer claims="\#(text)""#)?.claims(pool: VaultFixture.pool) == nil)
        #expect(challenge(#"Bearer error="invalid_token", claims="%%""#)?.claims(pool: VaultFixture.pool) == nil)
    }

    @Test func claimsAreMergedWithWhatWeCanDo() {
        #expect(EntraClaims.request(merging: nil) == #"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#)
        #expect(
            EntraClaims.request(merging: #"{"access_token":{"nbf":{"essential":true,"value":"17"}},"id_token":"a\"b"}"#)
                == #"{"id_token":"a\"b","access_token":{"nbf":{"essential":true,"value":"17"},"xms_cc":{"values":["CP1"]}}}"#
        )
        #expect(EntraClaims.request(merging: "no JSON") == #"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#)
    }
}
