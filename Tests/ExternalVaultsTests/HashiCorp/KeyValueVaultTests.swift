import Foundation
import SecretMemory
import SecretScopes
import TestPrograms
import Testing

@testable import ExternalVaults

/// Sections 8.1 to 8.3, against a double that the official client accepts first.
@Suite struct KeyValueVaultTests {
    private let double: HashiCorpDouble

    init() async throws {
        double = try await HashiCorpDouble.shared.value
    }

    private func value(_ name: String, of vault: any Vault) async throws -> String {
        VaultFixture.text(try await vault.get(name, HashiCorpDouble.root()).value)
    }

    private func failure(_ name: String, of vault: any Vault) async -> VaultFailure? {
        do {
            _ = try await vault.get(name, HashiCorpDouble.root())
            return nil
        } catch {
            return error
        }
    }

    @Test func theOfficialClientAcceptsTheDouble() async throws {
        let double = try await HashiCorpDouble()
        let told = try JSONSerialization.data(withJSONObject: double.server.announcement)
        let file = MemoryFile(String(decoding: told, as: UTF8.self))
        let output = try await VaultServer.run(
            "vault_client.py", ["\(double.server.port)", double["secure"], file.path])
        #expect(output == "hvac agrees\n")
    }

    // MARK: Engines

    /// Every engine, found by asking and told by options.
    @Test(
        arguments: [
            ("secret/engines/asked", [:]), ("secret/engines/told", ["kv-version": "2"]), ("kv/engines/asked", [:]),
            ("kv/engines/told", ["kv-version": "1"]), ("team/kv/engines/asked", [:]), ("secret", [:]), ("kv", [:]),
            ("team/kv/engines/told", ["kv-version": "2", "mount": "team/kv"]),
            ("secret/engines/spaced", ["namespace": "team/a"]), ("secret/engines/with%20space", [:]),
            ("secret/engines/secured", ["tls": "true"]),
        ] as [(String, [String: String])])
    func aValueIsPutReadListedAndDeleted(path: String, options: [String: String]) async throws {
        let vault = try double.vault(path, options)
        let isVersioned = !path.hasPrefix("kv")
        for (value, version) in [("one", "1"), ("two", "2")] {
            let made = try await vault.put(VaultFixture.secret(value), as: "in.out", HashiCorpDouble.root())
            #expect(made == (isVersioned ? version : nil))
        }
        let secret = try await vault.get("in.out", HashiCorpDouble.root())
        #expect(VaultFixture.text(secret.value) == "two")
        #expect(secret.version == (isVersioned ? "2" : nil))
        #expect((secret.updated != nil) == isVersioned)
        #expect(secret.expires == nil)
        let names = try await vault.list(prefix: "", HashiCorpDouble.root()).map(\.name)
        #expect(names.contains("in.out"))
        #expect(!names.contains { $0.hasSuffix("/") })
        try await vault.delete("in.out", HashiCorpDouble.root())
        let gone: VaultFailure.Reason = isVersioned ? .deletedRecoverably : .notFound
        #expect(await failure("in.out", of: vault)?.reason == gone)
        await #expect(throws: VaultFailure(.notFound)) { try await vault.delete("in.out", HashiCorpDouble.root()) }
        // A deleted one can be put anew.
        let third = try await vault.put(VaultFixture.secret("three"), as: "in.out", HashiCorpDouble.root())
        #expect(third == (isVersioned ? "3" : nil))
        #expect(try await value("in.out", of: vault) == "three")
    }

    @Test func namespacesAreApart() async throws {
        let one = try double.vault("secret/spaces", ["namespace": "one"])
        let two = try double.vault("secret/spaces", ["namespace": "two"])
        _ = try await one.put(VaultFixture.secret("1"), as: "k", HashiCorpDouble.root())
        #expect(try await value("k", of: one) == "1")
        #expect(await failure("k", of: two)?.reason == .notFound)
    }

    @Test func anEngineIsAskedForOnce() async throws {
        let double = try await HashiCorpDouble()
        try await double.write("{\"value\":\"p\"}", to: "secret/data/once/k")
        let vault = try double.vault("secret/once")
        for _ in 0..<3 { _ = try await vault.get("k", HashiCorpDouble.root()) }
        let log = try await double.log()
        #expect(log.filter { $0.contains("internal/ui/mounts") } == ["GET /v1/sys/internal/ui/mounts/secret/once"])
        #expect(log.filter { $0 == "GET /v1/secret/data/once/k" }.count == 3)
        #expect(log.count == 6, "the write, one look at the token, one at the engine, three reads")
    }

    @Test(
        arguments: [
            ("secret/x", ["kv-version": "1"], .refused), ("kv/x", ["kv-version": "2"], .notFound),
            ("transit/x", [:], .refused), ("nothing/x", [:], .denied), ("nothing/x", ["kv-version": "2"], .notFound),
            ("kv/x", ["version": "1"], .refused), ("secret", ["layout": "fields"], .refused),
        ] as [(String, [String: String], VaultFailure.Reason)])
    func aPathWithoutSuchAnEngineSaysSo(path: String, options: [String: String], reason: VaultFailure.Reason)
        async throws
    {
        #expect(await failure("k", of: try double.vault(path, options))?.reason == reason)
    }

    // MARK: Fields

    /// Which field is the value, by the rule of section 8.3.
    @Test(
        arguments: [
            ("{\"value\":\"p\"}", nil, "p"), ("{\"value\":\"p\",\"other\":\"x\"}", nil, "p"),
            ("{\"only\":\"p\"}", nil, "p"),
            (
                "{\"a\": \"1\", \"b\" : {\"c\": [1, \"x y\\\"\\\\\"]}}", nil,
                "{\"a\":\"1\",\"b\":{\"c\":[1,\"x y\\\"\\\\\"]}}"
            ),
            ("{}", nil, "{}"), ("{\"value\":7}", nil, "7"), ("{\"value\":true}", nil, "true"),
            ("{\"value\":null}", nil, "null"),
            ("{\"value\":{\"a\" : \"b c\"}}", nil, "{\"a\":\"b c\"}"), ("{\"value\":\"\"}", nil, ""),
            ("{\"value\":\"\\u0000\\u00e9\\n\"}", nil, "\0é\n"), ("{\"value_b64\":\"cA==\"}", nil, "p"),
            ("{\"only_b64\":\"cA==\"}", nil, "p"), ("{\"value\":\"x\",\"password\":\"p\"}", "password", "p"),
            ("{\"value\":\"x\",\"password_b64\":\"cA==\"}", "password", "p"), ("{\"p_b64\":\"cA==\"}", "p_b64", "cA=="),
        ] as [(String, String?, String)])
    func theValueIsOneField(fields: String, property: String?, value: String) async throws {
        let name = UUID().uuidString
        try await double.write(fields, to: "secret/data/fields/\(name)")
        let vault = try double.vault("secret/fields", property.map { ["property": $0] } ?? [:])
        #expect(try await self.value(name, of: vault) == value)
    }

    @Test func aFieldThatTheLinkNamesMustBeThere() async throws {
        try await double.write("{\"value\":\"x\"}", to: "secret/data/fields/named")
        let vault = try double.vault("secret/fields", ["property": "password"])
        #expect(await failure("named", of: vault)?.reason == .notFound)
    }

    @Test func whatIsMarkedAsBase64MustBe() async throws {
        try await double.write("{\"value_b64\":\"c\"}", to: "secret/data/fields/broken")
        #expect(await failure("broken", of: try double.vault("secret/fields"))?.reason == .checksumMismatch)
    }

    @Test func bytesThatAreNoTextStandInBase64() async throws {
        let vault = try double.vault("secret/binary")
        let bytes: [UInt8] = [0, 0xFF, 0x80, 10]
        _ = try await vault.put(
            SecretBytes(copying: bytes.span.bytes, in: VaultFixture.pool), as: "k", HashiCorpDouble.root())
        #expect(try await double.fields("secret/data/binary/k") == ["value_b64": "AP+ACg=="])
        let found = try await vault.get("k", HashiCorpDouble.root()).value
        #expect(found.withBytes { $0.withUnsafeBytes { Array($0) } } == bytes)
        _ = try await vault.put(VaultFixture.secret("text"), as: "k", HashiCorpDouble.root())
        #expect(try await double.fields("secret/data/binary/k") == ["value": "text"])
    }

    /// Which field is written, and that the others stay.
    @Test(
        arguments: [
            ("{\"value\":\"x\",\"user\":\"u\"}", nil, ["value": "new", "user": "u"]),
            ("{\"only\":\"x\"}", nil, ["only": "new"]),
            ("{\"only_b64\":\"cA==\"}", nil, ["only": "new"]), ("{}", nil, ["value": "new"]),
            ("{\"user\":\"u\",\"password\":\"x\"}", "password", ["user": "u", "password": "new"]),
            ("{\"user\":\"u\"}", "password", ["user": "u", "password": "new"]),
            ("{\"user\":\"u\",\"password_b64\":\"cA==\"}", "password", ["user": "u", "password": "new"]),
        ] as [(String, String?, [String: String])])
    func aPutChangesOneField(before: String, property: String?, after: [String: String]) async throws {
        for isVersioned in [true, false] {
            // An engine of version 1 keeps no empty map.
            if !isVersioned, before == "{}" { continue }
            let name = UUID().uuidString
            let path = "\(isVersioned ? "secret/data" : "kv")/puts/\(name)"
            if isVersioned {
                try await double.write(before, to: path)
            } else {
                #expect(try await double.ask("POST", path, before).isSuccess)
            }
            let vault = try double.vault(
                isVersioned ? "secret/puts" : "kv/puts", property.map { ["property": $0] } ?? [:])
            _ = try await vault.put(VaultFixture.secret("new"), as: name, HashiCorpDouble.root())
            #expect(try await double.fields(path) == after)
        }
    }

    @Test func aPutThatWouldChooseAmongSeveralFieldsIsRefused() async throws {
        try await double.write("{\"user\":\"u\",\"password\":\"x\"}", to: "secret/data/puts/several")
        let vault = try double.vault("secret/puts")
        await #expect(
            performing: {
                _ = try await vault.put(VaultFixture.secret("new"), as: "several", HashiCorpDouble.root())
            }, throws: { ($0 as? VaultFailure)?.reason == .unacceptable })
        #expect(try await double.fields("secret/data/puts/several") == ["user": "u", "password": "x"])
    }

    @Test func otherFieldsArePatchedWhereThatIsAllowedAndWrittenBackWhereNot() async throws {
        let double = try await HashiCorpDouble()
        for (policy, methods) in [("app", ["PATCH"]), ("no-patch", ["PATCH", "POST"])] {
            let token = try await double.token("{\"policies\":[\"\(policy)\",\"default\"]}")
            let path = "secret/data/patch/\(policy)"
            try await double.write("{\"user\":\"u\",\"deep\":{\"a\":[1,null,\"x\\n\"]},\"value\":\"x\"}", to: path)
            let vault = try double.vault("secret/patch")
            let before = try await double.log().count
            _ = try await vault.put(VaultFixture.secret("new"), as: policy, VaultFixture.call(token))
            let asked = try await double.log()[before...].filter { $0.hasSuffix(path) && !$0.hasPrefix("GET") }
            #expect(asked == methods.map { "\($0) /v1/\(path)" })
            let body = VaultFixture.text(try await double.ask("GET", path).body)
            #expect(body.contains("\"deep\": {\"a\": [1, null, \"x\\n\"]}"))
            #expect(try await double.fields(path)["value"] == "new")
            // What was found out is not tried again.
            _ = try await vault.put(VaultFixture.secret("newer"), as: policy, VaultFixture.call(token))
            let second = try await double.log()[before...].filter { $0.hasPrefix("PATCH") }.count
            #expect(second == (policy == "app" ? 2 : 1))
        }
    }

    // MARK: Fields as keys

    @Test func theFieldsOfOneSecretCanBeTheKeys() async throws {
        try await double.write(
            "{\"user\":\"u\",\"password\":\"p\",\"n\":7,\"file_b64\":\"AP8=\"}", to: "secret/data/one/app")
        let vault = try double.vault("secret/one/app", ["layout": "fields"])
        #expect(
            try await vault.list(prefix: "", HashiCorpDouble.root()).map(\.name) == ["file", "n", "password", "user"])
        #expect(try await value("password", of: vault) == "p")
        #expect(try await value("n", of: vault) == "7")
        #expect(try await vault.get("file", HashiCorpDouble.root()).value.count == 2)
        #expect(await failure("missing", of: vault)?.reason == .notFound)
        #expect(try await vault.put(VaultFixture.secret("new"), as: "password", HashiCorpDouble.root()) == "2")
        try await vault.delete("n", HashiCorpDouble.root())
        await #expect(throws: VaultFailure(.notFound)) { try await vault.delete("n", HashiCorpDouble.root()) }
        #expect(
            try await double.fields("secret/data/one/app") == ["user": "u", "password": "new", "file_b64": "AP8="])
    }

    @Test func writesAtTheSameTimeLoseNothing() async throws {
        let vault = try double.vault("secret/race/app", ["layout": "fields"])
        let stored = try await withThrowingTaskGroup(of: String?.self) { group in
            for number in 0..<12 {
                group.addTask {
                    do {
                        _ = try await vault.put(
                            VaultFixture.secret("v\(number)"), as: "k\(number)", HashiCorpDouble.root())
                        return "k\(number)"
                    } catch let failure as VaultFailure where failure.reason == .conflict {
                        return nil
                    }
                }
            }
            return try await group.reduce(into: [String]()) { if let name = $1 { $0.append(name) } }
        }
        #expect(!stored.isEmpty)
        #expect(try await double.fields("secret/data/race/app").keys.sorted() == stored.sorted())
    }

    @Test func aWriteWhoseAnswerWasLostIsNotAConflict() async throws {
        let vault = try double.vault("secret/lost")
        try await double.fail("secret/data/lost/k", "\"act\":\"reset\",\"after\":true", method: "POST")
        #expect(try await vault.put(VaultFixture.secret("p"), as: "k", HashiCorpDouble.root()) == "1")
        #expect(try await value("k", of: vault) == "p")
    }

    @Test func anEngineThatWantsAVersionGetsOne() async throws {
        #expect(try await double.ask("POST", "secret/metadata/cas/k", "{\"cas_required\":true}").isSuccess)
        let vault = try double.vault("secret/cas")
        #expect(try await vault.put(VaultFixture.secret("p"), as: "k", HashiCorpDouble.root()) == "1")
        #expect(try await vault.put(VaultFixture.secret("q"), as: "k", HashiCorpDouble.root()) == "2")
    }

    // MARK: Versions and names

    @Test func aLinkMayReadACertainVersion() async throws {
        for value in ["one", "two", "three"] {
            try await double.write("{\"value\":\"\(value)\"}", to: "secret/data/versions/k")
        }
        let vault = try double.vault("secret/versions", ["version": "2"])
        let secret = try await vault.get("k", HashiCorpDouble.root())
        #expect(VaultFixture.text(secret.value) == "two")
        #expect(secret.version == "2")
        #expect(await failure("k", of: try double.vault("secret/versions", ["version": "9"]))?.reason == .notFound)
    }

    @Test func aVersionThatWillBeDeletedCanBeReadUntilThen() async throws {
        let answer = try await double.ask(
            "POST", "secret/data/versions/ends",
            "{\"data\":{\"value\":\"p\"},\"options\":{\"deletion_time\":\"2999-01-01T00:00:00.123456789Z\"}}")
        #expect(answer.isSuccess)
        let secret = try await double.vault("secret/versions").get("ends", HashiCorpDouble.root())
        #expect(VaultFixture.text(secret.value) == "p")
        #expect(secret.expires == TimeText.timestamp("2999-01-01T00:00:00.123Z", now: Timestamp(rawValue: 0)))
    }

    @Test func destroyedDeletedAndMissingVersionsAreToldApart() async throws {
        for name in ["destroyed", "deleted"] {
            try await double.write("{\"value\":\"p\"}", to: "secret/data/gone/\(name)")
        }
        _ = try await double.ask("PUT", "secret/destroy/gone/destroyed", "{\"versions\":[1]}")
        _ = try await double.ask("DELETE", "secret/data/gone/deleted")
        let vault = try double.vault("secret/gone")
        #expect(await failure("destroyed", of: vault)?.reason == .destroyed)
        #expect(await failure("deleted", of: vault)?.reason == .deletedRecoverably)
        #expect(await failure("missing", of: vault)?.reason == .notFound)
    }

    @Test func foldersAreLeftOutAndAPrefixMayNameOne() async throws {
        for name in ["a", "b", "sub/c", "sub/deep/d"] {
            try await double.write("{\"value\":\"p\"}", to: "secret/data/list/\(name)")
        }
        let vault = try double.vault("secret/list")
        #expect(try await vault.list(prefix: "", HashiCorpDouble.root()).map(\.name).sorted() == ["a", "b"])
        #expect(try await vault.list(prefix: "sub/", HashiCorpDouble.root()).map(\.name) == ["sub/c"])
        #expect(try await value("sub/c", of: vault) == "p")
        #expect(try await double.vault("secret/list/nothing").list(prefix: "", HashiCorpDouble.root()).isEmpty)
        #expect(try await double.vault("kv/list/nothing").list(prefix: "", HashiCorpDouble.root()).isEmpty)
        await #expect(throws: VaultFailure(.notFound)) {
            _ = try await double.vault("nothing/x", ["kv-version": "2"]).list(prefix: "", HashiCorpDouble.root())
        }
    }
}
