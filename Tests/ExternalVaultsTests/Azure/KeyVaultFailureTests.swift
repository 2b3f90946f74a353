import TestPrograms
import Testing

@testable import ExternalVaults

/// Every condition that callers must tell apart, as Key Vault shows it.
@Suite(.timeLimit(.minutes(2))) struct KeyVaultFailureTests {
    @Test(arguments: [
        FailureRow(name: "absent", reason: .notFound),
        FailureRow(name: "soft-deleted", reason: .notFound),
        FailureRow(name: "disabled", reason: .disabled),
        FailureRow(name: "forbidden", reason: .denied),
        FailureRow(name: "forbidden-policy", reason: .denied),
        FailureRow(name: "forbidden-rbac", reason: .denied),
        FailureRow(name: "forbidden-firewall", reason: .networkDenied),
        FailureRow(name: "forbidden-connection", reason: .networkDenied),
        FailureRow(name: "throttled-1", reason: nil),
        FailureRow(name: "throttled-later", reason: .throttled, patience: .seconds(10)),
        FailureRow(name: "unavailable-2", reason: nil),
        FailureRow(name: "unavailable-always", reason: .unreachable),
        FailureRow(name: "reset", reason: .unreachable),
        FailureRow(name: "redirect", reason: .untrusted),
        FailureRow(name: "not-json", reason: .notUnderstood),
        FailureRow(name: "huge", reason: .notUnderstood),
        FailureRow(name: "teapot", reason: .refused),
        FailureRow(name: "unauthorized", reason: .credentialRejected),
        FailureRow(name: "nul", reason: nil),
        FailureRow(name: "expired", reason: nil),
    ])
    func everyConditionOfAReadHasItsReason(row: FailureRow) async throws {
        let double = try await AzureDouble.shared.value
        let vault = try double.vault()
        _ = try await vault.get("db-password", double.call())
        let found = await reason { _ = try await vault.get(row.name, double.call(within: row.patience)) }
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
