import Foundation
import SecretScopes
import Synchronization
import TestPrograms
import Testing

@testable import ExternalVaults

@Suite(.timeLimit(.minutes(2))) struct DatabricksScopeTests {
    /// A double that Databricks' own client rejects proves nothing.
    @Test func databricksOwnClientAcceptsTheDouble() async throws {
        let double = try await DatabricksDouble()
        let told = try JSONSerialization.data(withJSONObject: double.server.announcement)
        let file = MemoryFile(String(decoding: told, as: UTF8.self))
        let output = try await VaultServer.run("databricks_client.py", [file.path])
        #expect(output == "ok\n")
    }

    @Test func valuesAreReadWrittenListedAndDeleted() async throws {
        let double = try await DatabricksDouble()
        let vault = try double.vault("empty")
        #expect(try await vault.list(prefix: "", double.call()).isEmpty)
        for (name, value) in [("a", "v"), ("b", "\u{0}\n\"é"), ("c", "")] {
            _ = try await vault.put(VaultFixture.secret(value), as: name, double.call())
            #expect(VaultFixture.text(try await vault.get(name, double.call()).value) == value)
        }
        let entries = try await vault.list(prefix: "", double.call())
        #expect(entries.map(\.name).sorted() == ["a", "b", "c"])
        // Some servers write times as texts.
        #expect(entries.allSatisfy { $0.updated != nil })
        try await vault.delete("A", double.call())
        #expect(await reason { _ = try await vault.get("a", double.call()) } == .notFound)
    }

    @Test(
        arguments: [
            ("db-password", .literal), ("redaction-literal", .literal), ("redaction-encoded", .encoded),
            ("redaction-strict", .strict), ("redaction-of-tomorrow", .strict),
        ] as [(String, MinimumRedaction)])
    func theMinimumRedactionOfTheFarScopeIsNoticed(key: String, expected: MinimumRedaction) async throws {
        let double = try await DatabricksDouble.shared.value
        #expect(try await double.vault().get(key, double.call()).minimumRedaction == expected)
    }

    @Test func theCredentialIsReadOnceForManyReads() async throws {
        let double = try await DatabricksDouble.shared.value
        let vault = try double.vault()
        let reads = Mutex(0)
        let token = double["token"]
        func call(_ revision: String) -> VaultCall {
            VaultCall(
                deadline: .now + .seconds(60),
                credential: VaultCredential(revision: revision) {
                    reads.withLock { $0 += 1 }
                    return VaultFixture.secret(token)
                })
        }
        for _ in 1...3 { _ = try await vault.get("db-password", call("1")) }
        #expect(reads.withLock { $0 } == 1)
        _ = try await vault.get("db-password", call("2"))
        #expect(reads.withLock { $0 } == 2)
    }
}
