import SecretMemory
import TestPrograms
import Testing

@testable import ExternalVaults

/// Both vaults against moto's server.
@Suite struct AWSMotoTests {
    @Test func secretsAreWrittenReadListedAndDeleted() async throws {
        let server = try await VaultServer("moto_server.py")
        let vault = try AWSFixture.secretsManager(server.port)
        let call = AWSFixture.call()

        #expect(await AWSFixture.failure { _ = try await vault.get("app/db", call) }?.reason == .notFound)
        let first = try await vault.put(VaultFixture.secret("pass \"word\"\n€\0"), as: "app/db", call)
        let read = try await vault.get("app/db", call)
        #expect(VaultFixture.text(read.value) == "pass \"word\"\n€\0")
        #expect(read.version == first)
        #expect(read.updated != nil)

        let bytes: [UInt8] = [0, 0xFF, 0xFE, 0x80]
        let second = try await vault.put(
            SecretBytes(copying: bytes.span.bytes, in: VaultFixture.pool), as: "app/db", call)
        #expect(second != first)
        #expect(try await vault.get("app/db", call).value.withBytes { $0.withUnsafeBytes(Array.init) } == bytes)
        let previous = try AWSFixture.secretsManager(server.port, ["stage": "AWSPREVIOUS"])
        #expect(try await previous.get("app/db", call).version == first)
        let pinned = try AWSFixture.secretsManager(server.port, ["version": try #require(first)])
        #expect(try await pinned.get("app/db", call).version == first)
        #expect(!previous.capabilities.canPut && !pinned.capabilities.canPut && vault.capabilities.canPut)

        for number in 0..<120 {
            _ = try await vault.put(VaultFixture.secret("v"), as: "app/many-\(number)", call)
        }
        _ = try await vault.put(VaultFixture.secret("v"), as: "other/x", call)
        let entries = try await vault.list(prefix: "app/", call)
        #expect(entries.count == 121)
        #expect(entries.allSatisfy { $0.updated != nil && $0.name.hasPrefix("app/") })

        try await vault.delete("app/db", call)
        let gone = await AWSFixture.failure { _ = try await vault.get("app/db", call) }
        #expect(gone?.reason == .deletedRecoverably)
        #expect(try await vault.list(prefix: "app/db", call).isEmpty)
    }

    @Test func parametersAreWrittenReadListedAndDeleted() async throws {
        let server = try await VaultServer("moto_server.py")
        let vault = try AWSFixture.parameterStore(server.port)
        let call = AWSFixture.call()

        #expect(await AWSFixture.failure { _ = try await vault.get("/app/db", call) }?.reason == .notFound)
        #expect(try await vault.put(VaultFixture.secret("first"), as: "/app/db", call) == "1")
        #expect(try await vault.put(VaultFixture.secret("second €"), as: "/app/db", call) == "2")
        let read = try await vault.get("/app/db", call)
        #expect(VaultFixture.text(read.value) == "second €")
        #expect(read.version == "2" && read.updated != nil)
        let pinned = try AWSFixture.parameterStore(server.port, ["version": "1"])
        #expect(VaultFixture.text(try await pinned.get("/app/db", call).value) == "first")

        for number in 0..<25 {
            _ = try await vault.put(VaultFixture.secret("v"), as: "/app/many-\(number)", call)
        }
        _ = try await vault.put(VaultFixture.secret("v"), as: "/app/deeper/x", call)
        let entries = try await vault.list(prefix: "/app/", call)
        #expect(entries.count == 26)
        #expect(entries.allSatisfy { $0.updated != nil })

        try await vault.delete("/app/db", call)
        #expect(await AWSFixture.failure { _ = try await vault.get("/app/db", call) }?.reason == .notFound)
        #expect(await AWSFixture.failure { try await vault.delete("/app/db", call) }?.reason == .notFound)
    }

    @Test func bytesThatAreNoTextAreMarkedInParameters() async throws {
        let server = try await VaultServer("moto_server.py")
        let vault = try AWSFixture.parameterStore(server.port, ["binary": "true"])
        let plain = try AWSFixture.parameterStore(server.port)
        let call = AWSFixture.call()
        let bytes: [UInt8] = [0xFF, 0, 0x80]
        let value = SecretBytes(copying: bytes.span.bytes, in: VaultFixture.pool)
        #expect(
            await AWSFixture.failure { _ = try await plain.put(value, as: "/app/key", call) }?.reason == .unacceptable)

        _ = try await vault.put(value, as: "/app/key", call)
        #expect(try await vault.get("/app/key", call).value.withBytes { $0.withUnsafeBytes(Array.init) } == bytes)
        #expect(VaultFixture.text(try await plain.get("/app/key", call).value) == "/wCA")
        // Text that looks like base64 is text, also where bytes were before.
        _ = try await vault.put(VaultFixture.secret("abcd"), as: "/app/key", call)
        #expect(VaultFixture.text(try await vault.get("/app/key", call).value) == "abcd")
        _ = try await vault.put(value, as: "/app/key", call)
        #expect(try await vault.get("/app/key", call).value.withBytes { $0.withUnsafeBytes(Array.init) } == bytes)
    }

    @Test func aRoleIsAssumedWithTheLinksKeys() async throws {
        let server = try await VaultServer("moto_server.py")
        let vault = try AWSFixture.secretsManager(
            server.port,
            [
                "assume-role": "arn:aws:iam::111122223333:role/reader", "external-id": "x&y=z", "role-duration": "900s",
                "sts-endpoint": "http://127.0.0.1:\(server.port)",
            ])
        let call = AWSFixture.call()
        _ = try await vault.put(VaultFixture.secret("value"), as: "app/db", call)
        #expect(VaultFixture.text(try await vault.get("app/db", call).value) == "value")
    }
}
