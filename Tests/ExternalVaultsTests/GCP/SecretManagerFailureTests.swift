import TestPrograms
import Testing

@testable import ExternalVaults

/// Every condition that callers must tell apart, as Secret Manager shows it.
@Suite(.timeLimit(.minutes(2))) struct SecretManagerFailureTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let reason: VaultFailure.Reason?
        var testDescription: String { name }
    }

    @Test(arguments: [
        Row(name: "absent", reason: .notFound),
        Row(name: "versionless", reason: .notFound),
        Row(name: "disabled", reason: .disabled),
        Row(name: "destroyed", reason: .destroyed),
        Row(name: "forbidden", reason: .denied),
        Row(name: "api-disabled", reason: .denied),
        Row(name: "perimeter", reason: .networkDenied),
        Row(name: "kms-denied", reason: .keyUnavailable),
        Row(name: "kms-disabled", reason: .keyUnavailable),
        Row(name: "invalid", reason: .unacceptable),
        Row(name: "precondition", reason: .refused),
        Row(name: "aborted", reason: .conflict),
        Row(name: "internal", reason: .unreachable),
        Row(name: "late", reason: .deadlinePassed),
        Row(name: "throttled-1", reason: nil),
        Row(name: "throttled-later", reason: .throttled),
        Row(name: "unavailable-2", reason: nil),
        Row(name: "unavailable-99", reason: .unreachable),
        Row(name: "reset", reason: .unreachable),
        Row(name: "redirect", reason: .untrusted),
        Row(name: "not-json", reason: .notUnderstood),
        Row(name: "not-base64", reason: .notUnderstood),
        Row(name: "huge", reason: .notUnderstood),
        Row(name: "teapot", reason: .refused),
        Row(name: "unauthenticated", reason: .credentialRejected),
        Row(name: "wrong-crc-99", reason: .checksumMismatch),
    ])
    func everyConditionOfAReadHasItsReason(row: Row) async throws {
        let double = try await GoogleDouble.shared.value
        let vault = try double.vault()
        _ = try await vault.get("db", double.call())
        let found = await reason { _ = try await vault.get(row.name, double.call(within: .seconds(60))) }
        #expect(found == row.reason)
    }

    @Test(arguments: [
        Row(name: "forbidden", reason: .denied),
        Row(name: "aborted", reason: .conflict),
        Row(name: "invalid", reason: .unacceptable),
        Row(name: "throttled-later", reason: .full),
        Row(name: "full", reason: .full),
        Row(name: "internal", reason: .unreachable),
    ])
    func everyConditionOfAWriteHasItsReason(row: Row) async throws {
        let double = try await GoogleDouble.shared.value
        let vault = try double.vault()
        let found = await reason { _ = try await vault.put(VaultFixture.secret("x"), as: row.name, double.call()) }
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
