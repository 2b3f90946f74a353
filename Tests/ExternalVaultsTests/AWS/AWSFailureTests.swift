import Foundation
import TestPrograms
import Testing

@testable import ExternalVaults

/// Every condition that callers must tell apart, as AWS shows it.
@Suite(.timeLimit(.minutes(2))) struct AWSFailureTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let reason: VaultFailure.Reason?
        var only: AWSDouble.Service?
        var testDescription: String { name }
    }

    @Test func theOfficialClientAcceptsTheDouble() async throws {
        let double = try await AWSDouble()
        let announcement = try JSONSerialization.data(withJSONObject: double.server.announcement)
        let output = try await VaultServer.run("aws_client.py", [String(decoding: announcement, as: UTF8.self)])
        #expect(output == "passed\n")
    }

    static let rows = [
        Row(name: "unavailable-2", reason: nil),
        Row(name: "unavailable-9", reason: .unreachable),
        Row(name: "broken", reason: .unreachable),
        Row(name: "status-502", reason: .unreachable),
        Row(name: "reset", reason: .unreachable),
        Row(name: "redirect", reason: .untrusted),
        Row(name: "expired-token-1", reason: nil),
        Row(name: "expired-token-9", reason: .credentialRejected),
        Row(name: "status-401", reason: .credentialRejected),
        Row(name: "denied", reason: .denied),
        Row(name: "status-403", reason: .denied),
        Row(name: "denied-endpoint", reason: .networkDenied),
        Row(name: "throttled-1", reason: nil),
        Row(name: "throttled", reason: .throttled),
        Row(name: "status-429", reason: .throttled),
        Row(name: "absent", reason: .notFound),
        Row(name: "status-404", reason: .notFound),
        Row(name: "no-value", reason: .notFound, only: .secretsManager),
        Row(name: "bad-base64", reason: .checksumMismatch, only: .secretsManager),
        Row(name: "decryption", reason: .keyUnavailable),
        Row(name: "key-id", reason: .keyUnavailable),
        Row(name: "denied-kms", reason: .keyUnavailable),
        Row(name: "invalid", reason: .unacceptable),
        Row(name: "validation", reason: .unacceptable),
        Row(name: "unknown", reason: .refused),
        Row(name: "status-413", reason: .refused),
        Row(name: "service-managed", reason: .refused, only: .secretsManager),
        Row(name: "both", reason: .notUnderstood, only: .secretsManager),
        Row(name: "not-json", reason: .notUnderstood),
        Row(name: "huge", reason: .notUnderstood),
        Row(name: "nul", reason: nil, only: .secretsManager),
    ]

    @Test(arguments: rows, AWSDouble.Service.allCases)
    func everyConditionOfAReadHasItsReason(row: Row, service: AWSDouble.Service) async throws {
        guard row.only == nil || row.only == service else { return }
        let double = try await AWSDouble.shared.value
        let vault = try double.vault(service)
        let name = service.prefix + "read/" + row.name
        if row.reason == nil, row.name != "nul" {
            // What fails for a while is there once it does not fail any more.
            for _ in 0..<5 where (try? await vault.put(VaultFixture.secret("value"), as: name, double.call())) != nil {
                break
            }
        }
        let failure = await AWSFixture.failure { _ = try await vault.get(name, double.call()) }
        #expect(failure?.reason == row.reason)
        #expect(failure?.detail?.contains("the words of") != true)
    }

    @Test(
        arguments: [
            Row(name: "denied", reason: .denied),
            Row(name: "quota", reason: .full),
            Row(name: "full", reason: .full, only: .parameterStore),
            Row(name: "updates", reason: .conflict, only: .parameterStore),
            Row(name: "a name", reason: .unacceptable),
            Row(name: "encryption/decryption", reason: .keyUnavailable),
            Row(name: "broken", reason: .unreachable),
        ], AWSDouble.Service.allCases)
    func everyConditionOfAWriteHasItsReason(row: Row, service: AWSDouble.Service) async throws {
        guard row.only == nil || row.only == service else { return }
        let double = try await AWSDouble.shared.value
        let vault = try double.vault(service)
        let failure = await AWSFixture.failure {
            _ = try await vault.put(VaultFixture.secret("x"), as: service.prefix + row.name, double.call())
        }
        #expect(failure?.reason == row.reason)
    }

    @Test(arguments: AWSDouble.Service.allCases) func aDeadlineIsKept(service: AWSDouble.Service) async throws {
        let double = try await AWSDouble.shared.value
        let vault = try double.vault(service)
        for name in ["slow", "drip"] {
            let failure = await AWSFixture.failure {
                _ = try await vault.get(service.prefix + name, double.call(within: .milliseconds(300)))
            }
            #expect(failure?.reason == .deadlinePassed)
        }
    }

    @Test func whereNobodyListensIsUnreachable() async throws {
        let double = try await AWSDouble.shared.value
        let vault = try double.vault(.secretsManager, ["endpoint": double.address("closed")])
        #expect(await AWSFixture.failure { _ = try await vault.get("app/a", double.call()) }?.reason == .unreachable)
    }

    @Test func aCertificateOfNobodyIsNotTrusted() async throws {
        let double = try await AWSDouble.shared.value
        let vault = try double.vault(.secretsManager, ["endpoint": "https://localhost:\(double["wrong"])"])
        #expect(await AWSFixture.failure { _ = try await vault.get("app/a", double.call()) }?.reason == .untrusted)
    }

    @Test func withoutEncryptionOnlyThisMachineIsAsked() async throws {
        let double = try await AWSDouble.shared.value
        let vault = try double.vault(
            .secretsManager, environment: ["AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://vpce.example.com"])
        #expect(await AWSFixture.failure { _ = try await vault.get("app/a", double.call()) }?.reason == .untrusted)
    }

    @Test(arguments: ["", "not the key"]) func aWrongKeyIsRejected(key: String) async throws {
        let double = try await AWSDouble.shared.value
        for service in AWSDouble.Service.allCases {
            let vault = try double.vault(service)
            let failure = await AWSFixture.failure {
                _ = try await vault.get(service.prefix + "a", VaultFixture.call(key))
            }
            #expect(failure?.reason == (key.isEmpty ? .credentialUnreadable : .credentialRejected))
        }
    }

    @Test func aSecretInItsRecoveryWindowIsToBeRestored() async throws {
        let double = try await AWSDouble()
        let vault = try double.vault(.secretsManager, ["recovery-days": "7"])
        _ = try await vault.put(VaultFixture.secret("x"), as: "app/a", double.call())
        try await vault.delete("app/a", double.call())
        for failure in [
            await AWSFixture.failure { _ = try await vault.get("app/a", double.call()) },
            await AWSFixture.failure { _ = try await vault.put(VaultFixture.secret("y"), as: "app/a", double.call()) },
            await AWSFixture.failure { try await vault.delete("app/a", double.call()) },
        ] {
            #expect(failure?.reason == .deletedRecoverably)
            #expect(failure?.detail?.contains("restore-secret") == true)
        }
        #expect(try await vault.list(prefix: "app/", double.call()).isEmpty)
        #expect(await AWSFixture.failure { try await vault.delete("app/none", double.call()) }?.reason == .notFound)
    }

    @Test func versionsStagesAndLabelsThatAreNotThereAreNotFound() async throws {
        let double = try await AWSDouble.shared.value
        for (service, options) in [
            (AWSDouble.Service.secretsManager, ["stage": "AWSPENDING"]),
            (.secretsManager, ["version": String(repeating: "v", count: 32)]),
            (.parameterStore, ["version": "7"]), (.parameterStore, ["label": "stable"]),
        ] {
            let name = service.prefix + "versions"
            _ = try await double.vault(service).put(VaultFixture.secret("x"), as: name, double.call())
            let vault = try double.vault(service, options)
            #expect(await AWSFixture.failure { _ = try await vault.get(name, double.call()) }?.reason == .notFound)
            #expect(!vault.capabilities.canPut && !vault.capabilities.canDelete)
        }
    }

    @Test func listsHaveTheirReasonsToo() async throws {
        let double = try await AWSDouble.shared.value
        let (secrets, parameters) = (try double.vault(.secretsManager), try double.vault(.parameterStore))
        #expect(try await secrets.list(prefix: "pages/", double.call()).map(\.name) == ["pages/a"])
        #expect(try await parameters.list(prefix: "/pages/", double.call()).map(\.name) == ["/pages/a"])
        #expect(
            Set(try await secrets.list(prefix: "ended-token/", double.call()).map(\.name)) == [
                "ended-token/a", "ended-token/b",
            ])
        for (vault, prefix, reason) in [
            (secrets, "repeats/", VaultFailure.Reason.notUnderstood), (parameters, "/repeats/", .notUnderstood),
            (secrets, "denied/", .denied), (parameters, "/denied/", .denied),
        ] {
            let failure = await AWSFixture.failure { _ = try await vault.list(prefix: prefix, double.call()) }
            #expect(failure?.reason == reason)
        }
    }
}
