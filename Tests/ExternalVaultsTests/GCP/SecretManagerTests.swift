import Foundation
import SecretMemory
import SecretScopes
import TestPrograms
import Testing

@testable import ExternalVaults

@Suite(.timeLimit(.minutes(2))) struct SecretManagerTests {
    /// A double that Google's own clients reject proves nothing.
    @Test func googlesOwnClientsAcceptTheDouble() async throws {
        let double = try await GoogleDouble()
        let told = try JSONSerialization.data(withJSONObject: double.server.announcement)
        let file = MemoryFile(String(decoding: told, as: UTF8.self))
        let output = try await VaultServer.run("gcp_client.py", ["\(double.server.port)", file.path])
        #expect(output == "ok\n")
    }

    @Test(arguments: [
        ("", "hunter2", "2"), ("latest", "hunter2", "2"), ("1", "hunter1", "1"), ("stable", "hunter1", "1"),
    ])
    func theVersionThatTheLinkNamesIsRead(version: String, value: String, number: String) async throws {
        let double = try await GoogleDouble.shared.value
        let secret = try await double.vault(["version": version]).get("db", double.call())
        #expect(VaultFixture.text(secret.value) == value)
        #expect(secret.version == number)
    }

    /// `latest` is the newest version whatever its state.
    @Test func onlyLatestEnabledPassesOverVersionsThatAreDisabled() async throws {
        let double = try await GoogleDouble.shared.value
        #expect(await reason { _ = try await double.vault().get("disabled", double.call()) } == .disabled)
        let enabled = try double.vault(["version": "latest_enabled"])
        let secret = try await enabled.get("disabled", double.call())
        #expect(VaultFixture.text(secret.value) == "old")
        #expect(secret.version == "1")
        // Its first page is empty.
        #expect(VaultFixture.text(try await enabled.get("late-page", double.call()).value) == "one")
        #expect(await reason { _ = try await enabled.get("destroyed", double.call()) } == .notFound)
    }

    @Test func secretsOfOneLocationAreApart() async throws {
        let double = try await GoogleDouble.shared.value
        let regional = try double.vault(at: "gcp-secret-manager://project/europe-west4")
        #expect(VaultFixture.text(try await regional.get("regional", double.call()).value) == "in one place")
        #expect(await reason { _ = try await regional.get("db", double.call()) } == .notFound)
        let version = try await regional.put(VaultFixture.secret("new"), as: "made-regional", double.call())
        #expect(version == "1")
        #expect(try await regional.list(prefix: "made", double.call()).map(\.name) == ["made-regional"])
    }

    @Test func bytesAreReadAsTheyAre() async throws {
        let double = try await GoogleDouble.shared.value
        let vault = try double.vault()
        for (name, bytes) in [("bytes", [0xFF, 0x00, 0xFE]), ("nul", [0x61, 0x00, 0x62]), ("empty", [])]
            as [(String, [UInt8])]
        {
            let secret = try await vault.get(name, double.call())
            #expect(secret.value.withBytes { $0.withUnsafeBytes { Array($0) } } == bytes)
        }
    }

    @Test(arguments: ["", "replicas"])
    func aNameThatIsNewIsCreatedAndThenGetsItsVersions(option: String) async throws {
        let double = try await GoogleDouble.shared.value
        let vault = try double.vault([option: option.isEmpty ? "" : "europe-west1,europe-west4"])
        let name = "new-\(option)-\(UInt32.random(in: .min ... .max))"
        let bytes: [UInt8] = [0xFF, 0x00, 0x0A]
        let secret = SecretBytes(copying: bytes.span.bytes, in: VaultFixture.pool)
        #expect(try await vault.put(secret, as: name, double.call()) == "1")
        #expect(try await vault.put(VaultFixture.secret("second"), as: name, double.call()) == "2")
        #expect(VaultFixture.text(try await vault.get(name, double.call()).value) == "second")
        try await vault.delete(name, double.call())
        #expect(await reason { _ = try await vault.get(name, double.call()) } == .notFound)
        #expect(await reason { try await vault.delete(name, double.call()) } == .notFound)
    }

    @Test func aNameThatSomebodyElseCreatedMeanwhileIsNoFailure() async throws {
        let double = try await GoogleDouble.shared.value
        let vault = try double.vault()
        #expect(try await vault.put(VaultFixture.secret("ours"), as: "raced", double.call()) == "2")
    }

    @Test func aWriteWhoseChecksumWasNotComparedIsAFailure() async throws {
        let double = try await GoogleDouble.shared.value
        let vault = try double.vault()
        let found = await reason { _ = try await vault.put(VaultFixture.secret("x"), as: "unverified", double.call()) }
        #expect(found == .checksumMismatch)
    }

    @Test func aValueThatDoesNotFitItsChecksumIsAskedForAgainTwice() async throws {
        let double = try await GoogleDouble()
        let vault = try double.vault()
        #expect(VaultFixture.text(try await vault.get("wrong-crc-2", double.call()).value) == "behind wrong-crc-2")
        #expect(await reason { _ = try await vault.get("wrong-crc-99", double.call()) } == .checksumMismatch)
        #expect(try await double.counts()["wrong-crc-99"] == 3)
        #expect(await reason { _ = try await vault.get("no-crc", double.call()) } == .checksumMismatch)
    }

    /// Every second page is empty, and the filter finds the text anywhere in a name.
    @Test func allPagesAreListed() async throws {
        let double = try await GoogleDouble.shared.value
        let vault = try double.vault(at: "gcp-secret-manager://small-pages")
        let names = try await vault.list(prefix: "page_", double.call()).map(\.name)
        #expect(names == (0..<20).map { "page_" + ($0 < 10 ? "0" : "") + "\($0)" })
        let all = try await vault.list(prefix: "", double.call()).map(\.name)
        #expect(all.contains("other_page_00") && all.contains("db") && !all.contains("regional"))
    }

    @Test func aPageThatLeadsBackToItselfEndsTheList() async throws {
        let double = try await GoogleDouble.shared.value
        // There must be a second page, which a project with as many secrets has.
        let vault = try double.vault(at: "gcp-secret-manager://repeats")
        let found = await reason { _ = try await vault.list(prefix: "page_", double.call()) }
        #expect(found == .notUnderstood)
    }

    @Test func manyReadersAskForOneToken() async throws {
        let double = try await GoogleDouble()
        let vault = try double.vault()
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 {
                group.addTask { VaultFixture.text(try await vault.get("db", double.call()).value) }
            }
            for try await text in group { #expect(text == "hunter2") }
        }
        #expect(try await double.counts()["token requests"] == 1)
    }

    @Test func aRefusedTokenIsRenewedOnce() async throws {
        let double = try await GoogleDouble()
        let vault = try double.vault()
        #expect(VaultFixture.text(try await vault.get("revoked-once", double.call()).value) == "behind revoked-once")
        #expect(try await double.counts()["token requests"] == 2)
        #expect(await reason { _ = try await vault.get("unauthenticated", double.call()) } == .credentialRejected)
        #expect(try await double.counts()["token requests"] == 3)
    }
}
