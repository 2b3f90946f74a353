import TestPrograms
import Testing

@testable import ExternalVaults

/// Every condition that callers must tell apart, as a workspace shows it.
@Suite(.timeLimit(.minutes(2))) struct DatabricksFailureTests {
    @Test(arguments: [
        FailureRow(name: "absent", reason: .notFound),
        FailureRow(name: "forbidden", reason: .denied),
        FailureRow(name: "blocked", reason: .networkDenied),
        FailureRow(name: "unauthorized", reason: .credentialRejected),
        FailureRow(name: "in-clusters-only", reason: .refused),
        FailureRow(name: "invalid", reason: .unacceptable),
        FailureRow(name: "malformed", reason: .refused),
        FailureRow(name: "state", reason: .disabled),
        FailureRow(name: "teapot", reason: .refused),
        FailureRow(name: "no-api", reason: .refused),
        FailureRow(name: "internal", reason: .unreachable),
        FailureRow(name: "unavailable-2", reason: nil),
        FailureRow(name: "unavailable-always", reason: .unreachable),
        FailureRow(name: "late", reason: .deadlinePassed),
        FailureRow(name: "throttled-1", reason: nil),
        FailureRow(name: "throttled-later", reason: .throttled, patience: .seconds(10)),
        FailureRow(name: "lost", reason: .checksumMismatch),
        FailureRow(name: "not-base64", reason: .checksumMismatch),
        FailureRow(name: "no-value", reason: .notUnderstood),
        FailureRow(name: "not-json", reason: .notUnderstood),
        FailureRow(name: "huge", reason: .notUnderstood),
        FailureRow(name: "reset", reason: .unreachable),
        FailureRow(name: "redirect", reason: .untrusted),
    ])
    func everyConditionOfAReadHasItsReason(row: FailureRow) async throws {
        let double = try await DatabricksDouble.shared.value
        let vault = try double.vault()
        let found = await reason { _ = try await vault.get(row.name, double.call(within: row.patience)) }
        #expect(found == row.reason)
    }

    @Test(arguments: [
        FailureRow(name: "forbidden", reason: .denied),
        FailureRow(name: "unauthorized", reason: .credentialRejected),
        FailureRow(name: "invalid", reason: .unacceptable),
        FailureRow(name: "full", reason: .full),
        FailureRow(name: "taken", reason: .conflict),
        FailureRow(name: "racing", reason: .conflict),
        FailureRow(name: "kept", reason: .deletedRecoverably),
        FailureRow(name: "throttled-later", reason: .throttled, patience: .seconds(10)),
        FailureRow(name: "internal", reason: .unreachable),
    ])
    func everyConditionOfAWriteHasItsReason(row: FailureRow) async throws {
        let double = try await DatabricksDouble.shared.value
        let vault = try double.vault()
        let found = await reason {
            _ = try await vault.put(VaultFixture.secret("x"), as: row.name, double.call(within: row.patience))
        }
        #expect(found == row.reason)
    }

    @Test func aScopeThatIsBackedByAKeyVaultIsReadOnly() async throws {
        let double = try await DatabricksDouble.shared.value
        let vault = try double.vault("azure")
        #expect(VaultFixture.text(try await vault.get("db-password", double.call()).value) == "of a vault")
        let failures = [
            await AWSFixture.failure { _ = try await vault.put(VaultFixture.secret("x"), as: "new", double.call()) },
            await AWSFixture.failure { try await vault.delete("db-password", double.call()) },
        ]
        for failure in failures {
            #expect(failure?.reason == .readOnly)
            #expect(failure?.detail?.contains("BAD_REQUEST") == true)
        }
    }

    @Test func aScopeThatIsNotThereIsNotFound() async throws {
        let double = try await DatabricksDouble.shared.value
        let vault = try double.vault("nothing")
        #expect(await reason { _ = try await vault.list(prefix: "", double.call()) } == .notFound)
        #expect(await reason { _ = try await vault.get("db-password", double.call()) } == .notFound)
    }

    @Test func aDeadlineIsKept() async throws {
        let double = try await DatabricksDouble.shared.value
        let vault = try double.vault()
        #expect(
            await reason { _ = try await vault.get("drip", double.call(within: .milliseconds(500))) }
                == .deadlinePassed)
    }

    @Test func aWorkspaceThatIsNotThereIsUnreachable() async throws {
        let double = try await DatabricksDouble.shared.value
        let vault = try double.vault("app", ["endpoint": "http://127.0.0.1:1"])
        #expect(await reason { _ = try await vault.get("db-password", double.call()) } == .unreachable)
    }

    // MARK: Credentials

    @Test func aWrongTokenIsRejected() async throws {
        let double = try await DatabricksDouble.shared.value
        let vault = try double.vault()
        #expect(
            await reason { _ = try await vault.get("db-password", VaultFixture.call("dapi0")) } == .credentialRejected)
    }

    @Test(
        arguments: [
            ("client", nil), ("throttled-client", nil), ("down-client", .unreachable), ("other", .credentialRejected),
        ] as [(String, VaultFailure.Reason?)])
    func everyAnswerToAClientSecretHasItsReason(client: String, expected: VaultFailure.Reason?) async throws {
        let double = try await DatabricksDouble.shared.value
        let options = ["auth": "oauth", "client-id": client == "other" ? "nobody" : double[client]]
        let vault = try double.vault("app", options)
        #expect(
            await reason { _ = try await vault.get("db-password", VaultFixture.call(double["secret"])) } == expected)
    }

    @Test func aTokenThatIsRefusedIsReplacedOnceAndTheReadRepeated() async throws {
        let double = try await DatabricksDouble()
        let vault = try double.servicePrincipal()
        let call = VaultFixture.call(double["secret"])
        for _ in 1...2 { #expect(await reason { _ = try await vault.get("db-password", call) } == nil) }
        #expect(try await double.counts()["token requests"] == 1)
        try await double.revoke()
        #expect(await reason { _ = try await vault.get("db-password", call) } == nil)
        #expect(try await double.counts()["token requests"] == 2)
        // One that is refused however new it is.
        #expect(await reason { _ = try await vault.get("unauthorized", call) } == .credentialRejected)
        #expect(try await double.counts()["GET get unauthorized"] == 2)
    }
}
