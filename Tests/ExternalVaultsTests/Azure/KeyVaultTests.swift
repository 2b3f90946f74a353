import Foundation
import SecretMemory
import SecretScopes
import TestPrograms
import Testing

@testable import ExternalVaults

@Suite(.timeLimit(.minutes(2))) struct KeyVaultTests {
    /// A double that Azure's own clients reject proves nothing.
    @Test func azuresOwnClientsAcceptTheDouble() async throws {
        let double = try await AzureDouble()
        let told = try JSONSerialization.data(withJSONObject: double.server.announcement)
        let file = MemoryFile(String(decoding: told, as: UTF8.self))
        let output = try await VaultServer.run(
            "azure_client.py", ["\(double.server.port)", double["machine"], file.path])
        #expect(output == "ok\n")
    }

    @Test func theLatestVersionIsRead() async throws {
        let double = try await AzureDouble.shared.value
        let secret = try await double.vault().get("db-password", double.call())
        #expect(VaultFixture.text(secret.value) == "hunter3")
        #expect(secret.version?.count == 32)
        #expect(secret.updated == Timestamp(rawValue: 1_700_000_000_000))
        #expect(secret.expires == nil)
    }

    @Test func aVersionThatTheLinkNamesIsRead() async throws {
        let double = try await AzureDouble.shared.value
        let vault = try double.vault()
        let first = try #require(try await vault.put(VaultFixture.secret("one"), as: "versioned", double.call()))
        _ = try await vault.put(VaultFixture.secret("two"), as: "versioned", double.call())
        let secret = try await double.vault(["version": first]).get("versioned", double.call())
        #expect(VaultFixture.text(secret.value) == "one")
        #expect(secret.version == first)
        #expect(
            await reason {
                _ = try await double.vault(["version": String(repeating: "0", count: 32)]).get(
                    "versioned", double.call())
            } == .notFound)
    }

    /// The second page is empty, and says that there are more.
    @Test func allPagesAreListedWithoutWhatBelongsToCertificates() async throws {
        let double = try await AzureDouble.shared.value
        let vault = try double.vault()
        let pages = try await vault.list(prefix: "Page-", double.call())
        #expect(pages.map(\.name) == (0..<60).map { "page-" + ($0 < 10 ? "0" : "") + "\($0)" })
        #expect(pages.first?.updated == Timestamp(rawValue: 1_700_000_000_000))
        let all = try await vault.list(prefix: "", double.call()).map(\.name)
        #expect(all.contains("db-password"))
        #expect(!all.contains("certificate"))
    }

    @Test(arguments: ["plain", "", "line\nbreak \"quoted\" \\ \u{0} é 𝄞", "{\"json\":1}"])
    func aTextIsStoredAsItIs(text: String) async throws {
        let double = try await AzureDouble.shared.value
        let vault = try double.vault()
        let name = "text-\(text.utf8.count)-\(UInt32.random(in: .min ... .max))"
        let version = try await vault.put(VaultFixture.secret(text), as: name, double.call())
        let secret = try await vault.get(name, double.call())
        #expect(VaultFixture.text(secret.value) == text)
        #expect(secret.version == version)
    }

    @Test func whatIsNoTextIsStoredInBase64WithAMark() async throws {
        let double = try await AzureDouble.shared.value
        let vault = try double.vault()
        let bytes: [UInt8] = [0xFF, 0x00, 0xFE, 0x80]
        _ = try await vault.put(
            SecretBytes(copying: bytes.span.bytes, in: VaultFixture.pool), as: "bytes", double.call())
        let secret = try await vault.get("bytes", double.call())
        #expect(secret.value.withBytes { $0.withUnsafeBytes { Array($0) } } == bytes)
        let other = try await vault.get("binary", double.call())
        #expect(other.value.withBytes { $0.withUnsafeBytes { Array($0) } } == [0xFF, 0x00, 0xFE])
        #expect(await reason { _ = try await vault.get("not-base64", double.call()) } == .notUnderstood)
    }

    @Test func whatIsTooLongIsRefusedBeforeItIsSent() async throws {
        let vault = try AzureDouble.vault(["auth": "managed-identity", "endpoint": "https://127.0.0.1:1"])
        let text = String(repeating: "x", count: 25_601)
        #expect(
            await reason { _ = try await vault.put(VaultFixture.secret(text), as: "a", VaultFixture.call()) }
                == .unacceptable)
        let bytes = [UInt8](repeating: 0xFF, count: 19_203)
        let secret = SecretBytes(copying: bytes.span.bytes, in: VaultFixture.pool)
        #expect(await reason { _ = try await vault.put(secret, as: "a", VaultFixture.call()) } == .unacceptable)
    }

    @Test func aDeletedNameIsRecoveredWhenItIsWrittenAgain() async throws {
        let double = try await AzureDouble.shared.value
        let vault = try double.vault()
        _ = try await vault.put(VaultFixture.secret("first"), as: "again", double.call())
        try await vault.delete("again", double.call())
        #expect(await reason { _ = try await vault.get("again", double.call()) } == .notFound)
        #expect(await reason { try await vault.delete("again", double.call()) } == .notFound)
        _ = try await vault.put(VaultFixture.secret("second"), as: "again", double.call())
        #expect(VaultFixture.text(try await vault.get("again", double.call()).value) == "second")
    }

    @Test func aRecoveryThatTakesTooLongIsSaidToBeOne() async throws {
        let double = try await AzureDouble.shared.value
        let vault = try double.vault()
        #expect(
            await reason {
                _ = try await vault.put(VaultFixture.secret("x"), as: "being-deleted", double.call())
            } == .conflict)
    }

    @Test func timesOfUseAreTold() async throws {
        let double = try await AzureDouble.shared.value
        let vault = try double.vault()
        let expired = try await vault.get("expired", double.call())
        let later = try await vault.get("not-yet", double.call())
        let now = SystemWallClock().now()
        #expect(try #require(expired.expires) < now)
        #expect(try #require(later.notBefore) > now)
        #expect(VaultFixture.text(expired.value) == "old")
    }

    @Test(arguments: [
        (AzureDouble.Application.nextElsewhere, VaultFailure.Reason.untrusted), (.nextRepeats, .notUnderstood),
        (.listForbidden, .denied),
    ])
    func aListThatLeadsAstrayIsNotFollowed(application: AzureDouble.Application, expected: VaultFailure.Reason)
        async throws
    {
        let double = try await AzureDouble.shared.value
        let vault = try double.vault(application: application)
        #expect(await reason { _ = try await vault.list(prefix: "", double.call()) } == expected)
    }

    @Test func manyReadersAskForOneToken() async throws {
        let double = try await AzureDouble()
        let vault = try double.vault()
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 {
                group.addTask { VaultFixture.text(try await vault.get("db-password", double.call()).value) }
            }
            for try await text in group { #expect(text == "hunter3") }
        }
        #expect(try await double.counts()["token requests"] == 1)
    }
}
