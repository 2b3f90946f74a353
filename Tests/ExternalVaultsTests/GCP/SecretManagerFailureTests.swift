import TestPrograms
import Testing

@testable import ExternalVaults

/// Every condition that callers must tell apart, as Secret Manager shows it.
@Suite(.timeLimit(.minutes(2))) struct SecretManagerFailureTests {
    @Test(arguments: [
        FailureRow(name: "absent", reason: .notFound),
        FailureRow(name: "versionless", reason: .notFound),
        FailureRow(name: "disabled", reason: .disabled),
        FailureRow(name: "destroyed", reason: .destroyed),
        FailureRow(name: "forbidden", reason: .denied),
        FailureRow(name: "api-disabled", reason: .denied),
        FailureRow(name: "perimeter", reason: .networkDenied),
        FailureRow(name: "kms-denied", reason: .keyUnavailable),
        FailureRow(name: "kms-disabled", reason: .keyUnavailable),
        FailureRow(name: "invalid", reason: .unacceptable),
        FailureRow(name: "precondition", reason: .refused),
        FailureRow(name: "aborted", reason: .conflict),
        FailureRow(name: "internal", reason: .unreachable),
        FailureRow(name: "late", reason: .deadlinePassed),
        FailureRow(name: "throttled-1", reason: nil),
        FailureRow(name: "throttled-later", reason: .throttled, patience: .seconds(10)),
        FailureRow(name: "unavailable-2", reason: nil),
        FailureRow(name: "unavailable-99", reason: .unreachable),
        FailureRow(name: "reset", reason: .unreachable),
        FailureRow(name: "redirect", reason: .untrusted),
        FailureRow(name: "not-json", reason: .notUnderstood),
        FailureRow(name: "not-base64", reason: .notUnderstood),
        FailureRow(name: "huge", reason: .notUnderstood),
        FailureRow(name: "teapot", reason: .refused),
        FailureRow(name: "unauthenticated", reason: .credentialRejected),
        FailureRow(name: "wrong-crc-99", reason: .checksumMismatch),
    ])
    func everyConditionOfAReadHasItsReason(row: FailureRow) async throws {
        let double = try await GoogleDouble.shared.value
        let vault = try double.vault()
        _ = try await vault.get("db", double.call())
        let found = await reason { _ = try await vault.get(row.name, double.call(within: row.patience)) }
        #expect(found == row.reason)
    }

    @Test(arguments: [
        FailureRow(name: "forbidden", reason: .denied),
        FailureRow(name: "aborted", reason: .conflict),
        FailureRow(name: "invalid", reason: .unacceptable),
        FailureRow(name: "throttled-later", reason: .full, patience: .seconds(10)),
        FailureRow(name: "full", reason: .full),
        FailureRow(name: "internal", reason: .unreachable),
    ])
    func everyConditionOfAWriteHasItsReason(row: FailureRow) async throws {
        let double = try await GoogleDouble.shared.value
        let vault = try double.vault()
        let found = await reason {
            _ = try await vault.put(VaultFixture.secret("x"), as: row.name, double.call(within: row.patience))
        }
        #expect(found == row.reason)
    }

    @Test func aDeadlineIsKept() async throws {
        let double = try await GoogleDouble.shared.value
        let vault = try double.vault()
        _ = try await vault.get("db", double.call())
        #expect(
            await reason { _ = try await vault.get("drip", double.call(within: .milliseconds(500))) }
                == .deadlinePassed)
    }

    @Test func aVaultThatIsNotThereIsUnreachable() async throws {
        let double = try await GoogleDouble.shared.value
        let vault = try double.vault(["endpoint": "http://127.0.0.1:1"])
        #expect(await reason { _ = try await vault.get("db", double.call()) } == .unreachable)
    }
}
