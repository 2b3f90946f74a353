import SecretMemory
import TestPrograms
import Testing

@testable import ExternalVaults

@Suite struct AWSWritingTests {
    @Test func aWriteWhoseAnswerWasLostMakesOneVersion() async throws {
        let double = try await AWSDouble()
        let vault = try double.vault(.secretsManager)
        let first = try await vault.put(VaultFixture.secret("one"), as: "app/lost-answer", double.call())
        let second = try await vault.put(VaultFixture.secret("two"), as: "app/lost-answer", double.call())
        #expect(second != first)
        #expect(try await double.counts()["PutSecretValue"] == "3")
        // Had there been two new versions, the previous one would be the second.
        let previous = try double.vault(.secretsManager, ["stage": "AWSPREVIOUS"])
        #expect(try await previous.get("app/lost-answer", double.call()).version == first)
    }

    @Test func valuesHaveTheSizesThatAWSAllows() async throws {
        let double = try await AWSDouble()
        for (service, options, largest) in [
            (AWSDouble.Service.secretsManager, [:], 65_536), (.parameterStore, [:], 4096),
            (.parameterStore, ["tier": "Advanced"], 8192),
        ] {
            let vault = try double.vault(service, options)
            #expect(vault.capabilities.largestValue == largest)
            #expect(!vault.capabilities.acceptsEmptyValues)
            let name = service.prefix + "size-\(largest)"
            _ = try await vault.put(
                VaultFixture.secret(String(repeating: "x", count: largest)), as: name, double.call())
            for count in [0, largest + 1] {
                let failure = await AWSFixture.failure {
                    _ = try await vault.put(
                        VaultFixture.secret(String(repeating: "x", count: count)), as: name, double.call())
                }
                #expect(failure?.reason == .unacceptable)
            }
        }
    }

    @Test func aSizeThatOnlyAWSKnowsIsUnacceptable() async throws {
        let double = try await AWSDouble.shared.value
        let vault = try double.vault(.parameterStore)
        let failure = await AWSFixture.failure {
            _ = try await vault.put(VaultFixture.secret("{{ssm:other}}"), as: "/app/nested", double.call())
        }
        #expect(failure?.reason == .unacceptable)
    }

    @Test func aParameterKeepsItsTypeAndItsKey() async throws {
        let double = try await AWSDouble()
        let plain = try double.vault(.parameterStore, ["type": "String"])
        let sealed = try double.vault(.parameterStore, ["kms-key-id": "alias/app"])
        let usual = try double.vault(.parameterStore)
        _ = try await plain.put(VaultFixture.secret("one"), as: "/app/plain", double.call())
        _ = try await sealed.put(VaultFixture.secret("one"), as: "/app/sealed", double.call())
        // AWS refuses another type, and would take its own key without being told the old one.
        #expect(try await usual.put(VaultFixture.secret("two"), as: "/app/plain", double.call()) == "2")
        #expect(try await usual.put(VaultFixture.secret("two"), as: "/app/sealed", double.call()) == "2")
        let script = try await VaultServer.run(
            "aws_parameters.py", [double["port"], double["key"], double["secret"], "/app/plain", "/app/sealed"])
        #expect(script == "String None\nSecureString alias/app\n")
    }

    @Test func namesThatParametersCannotHaveAreRefusedBeforeAnyCall() async throws {
        let double = try await AWSDouble()
        let vault = try double.vault(.parameterStore)
        for name in ["/app/a@b", "/aws/x", "ssm-x", "/app//x", String(repeating: "/a", count: 16)] {
            let failure = await AWSFixture.failure {
                _ = try await vault.put(VaultFixture.secret("x"), as: name, double.call())
            }
            #expect(failure?.reason == .unacceptable, "\(name)")
        }
        #expect(try await double.counts().isEmpty)
    }

    @Test func parametersWithALabelAreReadAndListedByIt() async throws {
        let double = try await AWSDouble()
        let vault = try double.vault(.parameterStore)
        for name in ["/app/a", "/app/b"] {
            _ = try await vault.put(VaultFixture.secret("one"), as: name, double.call())
        }
        _ = try await VaultServer.run(
            "aws_parameters.py", [double["port"], double["key"], double["secret"], "label", "/app/a", "stable"])
        _ = try await vault.put(VaultFixture.secret("two"), as: "/app/a", double.call())
        let labelled = try double.vault(.parameterStore, ["label": "stable"])
        let read = try await labelled.get("/app/a", double.call())
        #expect(VaultFixture.text(read.value) == "one" && read.version == "1")
        #expect(try await labelled.list(prefix: "/app/", double.call()).map(\.name) == ["/app/a"])
    }
}
