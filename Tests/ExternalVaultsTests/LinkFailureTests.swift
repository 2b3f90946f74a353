import SecretScopes
import Testing

@testable import ExternalVaults

/// Section 13: what each condition means to the caller, for every kind of vault.
@Suite struct LinkFailureTests {
    /// The codes of all vaults but Azure's, and those of Azure where they differ.
    private static let codes: [(VaultFailure.Reason, ScopeError.Code, ScopeError.Code?)] = [
        (.unreachable, .temporarilyUnavailable, nil),
        (.deadlinePassed, .deadlineExceeded, nil),
        (.untrusted, .permissionDenied, nil),
        (.credentialRejected, .permissionDenied, .malformedRequest),
        (.credentialUnreadable, .permissionDenied, nil),
        (.denied, .permissionDenied, nil),
        (.networkDenied, .permissionDenied, nil),
        (.throttled, .requestLimitExceeded, nil),
        (.notFound, .resourceDoesNotExist, nil),
        (.deletedRecoverably, .resourceDoesNotExist, nil),
        (.disabled, .invalidState, .permissionDenied),
        (.destroyed, .resourceDoesNotExist, nil),
        (.expired, .invalidState, nil),
        (.checksumMismatch, .dataLoss, nil),
        (.keyUnavailable, .invalidState, nil),
        (.unacceptable, .invalidParameterValue, nil),
        (.refused, .malformedRequest, nil),
        (.notUnderstood, .invalidState, nil),
        (.readOnly, .badRequest, nil),
        (.conflict, .aborted, nil),
        (.full, .resourceLimitExceeded, nil),
    ]

    @Test(arguments: VaultKind.allCases)
    func everyConditionHasItsCodeAndNamesVaultAndScope(kind: VaultKind) throws {
        #expect(Set(Self.codes.map(\.0)) == Set(VaultFailure.Reason.allCases))
        let scope = try #require(ScopeName(rawValue: "app"))
        let failures = LinkFailure(
            kind: kind, address: "\(kind.name)://somewhere", scope: scope, key: SecretName(rawValue: "db"))
        for (reason, code, azure) in Self.codes {
            let error = failures.error(VaultFailure(reason), during: .read)
            #expect(error.code == (kind == .azureKeyVault ? azure ?? code : code), "\(reason)")
            #expect(
                error.message.contains("app") || reason == .denied || reason == .conflict, "\(reason): \(error.message)"
            )
            #expect(error.message.hasSuffix(".") || code == .resourceDoesNotExist, "\(reason): \(error.message)")
        }
    }

    @Test func aNameThatIsDeletedRecoverablyCannotBeWritten() throws {
        let scope = try #require(ScopeName(rawValue: "app"))
        let failures = LinkFailure(kind: .azureKeyVault, address: "a", scope: scope, key: SecretName(rawValue: "db"))
        let error = failures.error(VaultFailure(.deletedRecoverably), during: .put)
        #expect(error.code == .resourceConflict && error.message.contains("Restore it there"))
    }
}
