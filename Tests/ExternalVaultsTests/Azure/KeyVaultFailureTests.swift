import TestPrograms
import Testing

@testable import ExternalVaults

/// Every condition that callers must tell apart, as Key Vault shows it.
@Suite(.timeLimit(.minutes(2))) struct KeyVaultFailureTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let reason: VaultFailure.Reason?
        var testDescription: String { name }
    }

    @Test(arguments: [
        Row(name: "absent", reason: .notFound),
        Row(name: "soft-deleted", reason: .notFound),
        Row(name: "disabled", reason: .disabled),
        Row(name: "forbidden", reason: .denied),
        Row(name: "forbidden-policy", reason: .denied),
        Row(name: "forbidden-rbac", reason: .denied),
        Row(name: "forbidden-firewall", reason: .networkDenied),
        Row(name: "forbidden-connection", reason: .networkDenied),
        Row(name: "throttled-1", reason: nil),
        Row(name: "throttled-later", reason: .throttled),
        Row(name: "unavailable-2", reason: nil),
        Row(name: "unavailable-always", reason: .unreachable),
        Row(name: "reset", reason: .unreachable),
        Row(name: "redirect", reason: .untrusted),
        Row(name: "not-json", reason: .notUnderstood),
        Row(name: "huge", reason: .notUnderstood),
        Row(name: "teapot", reason: .refused),
        Row(name: "unauthorized", reason: .credentialRejected),
        Row(name: "nul", reason: nil),
        Row(name: "expired", reason: nil),
    ])
    func everyConditionOfAReadHasItsReason(row: Row) async throws {
        let double = try await AzureDouble.shared.value
        let vault = try double.vault()
        _ = try await vault.get("db-password", double.call())
        let found = await reason { _ = try await vault.get(row.name, double.call()) }
        #expect(found == row.reason)
    }

    @Test func aDeadlineIsKept() async throws {
        let double = try await AzureDouble.shared.value
        let vault = try double.vault()
        _ = try await vault.get("db-password", double.call())
        #expect(
            await reason { _ = try await vault.get("drip", double.call(within: .milliseconds(500))) } == .deadlinePassed
        )
    }

    @Test func throttlingWithoutAPauseEndsWithTheDeadline() async throws {
        let double = try await AzureDouble.shared.value
        let vault = try double.vault()
        _ = try await vault.get("db-password", double.call())
        let found = await reason { _ = try await vault.get("throttled-bare", double.call(within: .seconds(4))) }
        #expect(found == .throttled || found == .deadlinePassed)
    }

    @Test func aVaultThatIsNotThereIsUnreachable() async throws {
        let double = try await AzureDouble.shared.value
        let vault = try double.vault(["endpoint": "https://127.0.0.1:1"])
        #expect(await reason { _ = try await vault.get("db-password", double.call()) } == .unreachable)
    }

    @Test func aCertificateOfAnotherAuthorityIsNotTrusted() async throws {
        let double = try await AzureDouble.shared.value
        let vault = try double.vault(["ca-file": ""])
        #expect(await reason { _ = try await vault.get("db-password", double.call()) } == .untrusted)
    }

    @Test func writesHaveTheirReasonsToo() async throws {
        let double = try await AzureDouble.shared.value
        let vault = try double.vault()
        for (name, expected) in [
            ("certificate", VaultFailure.Reason.denied), ("forbidden-rbac", .denied), ("being-deleted", .conflict),
        ] {
            #expect(
                await reason { _ = try await vault.put(VaultFixture.secret("x"), as: name, double.call()) } == expected)
        }
    }
}
