internal import DatabricksAPI
internal import SecretScopes

/// What a run may ask a server for, with the credential of whoever started it: reading, and writing where that was
/// allowed. Everything else is refused here, in the words of the engine.
struct ProxiedServices: Sendable {
    let client: DatabricksClient
    /// The name of the run's principal.
    let principal: String
    let allowedOperations: OperationSet

    private func client(for operation: Operation) throws(ScopeError) -> DatabricksClient {
        guard allowedOperations.contains(operation) else { throw refusal(of: operation) }
        return client
    }

    private func refusal(of operation: Operation) -> ScopeError {
        ScopeError(
            .permissionDenied,
            "The token of \(principal) does not allow \(operation.actionName). Use a token that does."
        )
    }
}

extension ProxiedServices: SecretService {
    func listScopes() async throws -> [SecretScope] {
        try await client(for: .listScopes).listScopes()
    }

    func listSecrets(scope: String) async throws -> [SecretMetadata] {
        try await client(for: .listSecrets).listSecrets(scope: scope)
    }

    func getSecret(scope: String, key: String) async throws -> Secret {
        try await client(for: .getSecret).getSecret(scope: scope, key: key)
    }

    func putSecret(_ request: PutSecretRequest) async throws {
        try await client(for: .putSecret).putSecret(request)
    }

    func deleteSecret(scope: String, key: String) async throws {
        try await client(for: .deleteSecret).deleteSecret(scope: scope, key: key)
    }

    func createScope(_ request: CreateScopeRequest) async throws { throw refusal(of: .createScope) }
    func deleteScope(_ scope: String) async throws { throw refusal(of: .deleteScope) }
    func putACL(scope: String, principal: String, permission: String) async throws { throw refusal(of: .putACL) }
    func deleteACL(scope: String, principal: String) async throws { throw refusal(of: .deleteACL) }
    func getACL(scope: String, principal: String) async throws -> ACLItem { throw refusal(of: .getACL) }
    func listACLs(scope: String) async throws -> [ACLItem] { throw refusal(of: .listACLs) }
}

extension ProxiedServices: LinkService {
    func linkScope(_ request: LinkScopeRequest) async throws { throw refusal(of: .linkScope) }
    func unlinkScope(_ scope: String) async throws { throw refusal(of: .unlinkScope) }
    func scopeLink(of scope: String) async throws -> ScopeLinkDescription? { throw refusal(of: .getScopeLink) }
    func checkLink(of scope: String) async throws -> [LinkCheckStep] { throw refusal(of: .checkScopeLink) }
}

extension ProxiedServices: IdentityService {
    func currentPrincipal() async throws -> Principal {
        try await client(for: .currentPrincipal).currentPrincipal()
    }

    func createPrincipal(kind: PrincipalKind, name: String) async throws -> Principal {
        throw refusal(of: .createPrincipal)
    }

    func deletePrincipal(kind: PrincipalKind, name: String) async throws { throw refusal(of: .deletePrincipal) }

    func setActive(_ isActive: Bool, kind: PrincipalKind, name: String) async throws {
        throw refusal(of: isActive ? .activatePrincipal : .deactivatePrincipal)
    }

    func listPrincipals(kind: PrincipalKind) async throws -> [Principal] { throw refusal(of: .listPrincipals) }
    func groupMembers(_ group: String) async throws -> [Principal] { throw refusal(of: .getGroup) }
    func addGroupMember(_ member: String, to group: String) async throws { throw refusal(of: .addGroupMember) }
    func removeGroupMember(_ member: String, from group: String) async throws { throw refusal(of: .removeGroupMember) }
    func principal(_ id: PrincipalID) async throws -> PrincipalRelations { throw refusal(of: .getPrincipal) }
    func createToken(_ request: CreateTokenRequest) async throws -> IssuedToken { throw refusal(of: .createToken) }
    func listTokens(of owner: TokenOwner) async throws -> [TokenDescription] { throw refusal(of: .listTokens) }
    func revokeToken(_ id: CredentialID) async throws { throw refusal(of: .revokeToken) }

    func createClientSecret(for applicationID: String, lifetime: Duration?) async throws -> IssuedToken {
        throw refusal(of: .createClientSecret)
    }

    func listClientSecrets(of applicationID: String) async throws -> [TokenDescription] {
        throw refusal(of: .listClientSecrets)
    }

    func deleteClientSecret(_ id: CredentialID, of applicationID: String) async throws {
        throw refusal(of: .deleteClientSecret)
    }
}

extension ProxiedServices: IdentityEditingService {
    func renamePrincipal(_ id: PrincipalID, to name: String) async throws { throw refusal(of: .renamePrincipal) }

    func setComment(_ comment: String, ofToken id: CredentialID) async throws {
        throw refusal(of: .updateToken)
    }
}

extension ProxiedServices: SecretVersionService, ScopeSettingsService {
    func versions(scope: String, key: String) async throws -> [SecretVersion] { throw refusal(of: .listVersions) }

    func getSecret(scope: String, key: String, version: Int64) async throws -> Secret {
        throw refusal(of: .getSecret)
    }

    func restoreSecret(scope: String, key: String, version: Int64) async throws -> Int64 {
        throw refusal(of: .restoreVersion)
    }

    func scopeSettings() async throws -> [SecretScope] { throw refusal(of: .listScopes) }

    func setMinimumRedaction(_ level: MinimumRedaction, of scope: String) async throws {
        throw refusal(of: .setScopeRedaction)
    }
}

extension ProxiedServices: AccessService {
    func access(of principal: String, to scope: String) async throws -> ScopeAccess { throw refusal(of: .queryAccess) }
    func access(to scope: String) async throws -> [ScopeAccess] { throw refusal(of: .queryAccess) }
}

extension ProxiedServices: AuditService {
    func events(_ query: AuditQuery) async throws -> [AuditEvent] { throw refusal(of: .queryEvents) }

    func followEvents(_ query: AuditQuery) async throws -> AsyncThrowingStream<AuditEvent, any Error> {
        throw refusal(of: .queryEvents)
    }

    func events(_ query: AuditQuery, after: Int64?, patience: Duration) async throws -> FollowedEvents {
        throw refusal(of: .queryEvents)
    }

    func readers(scope: String, key: String?) async throws -> [ReadSummary] { throw refusal(of: .queryReaders) }
    func reads(by principal: String) async throws -> [ReadSummary] { throw refusal(of: .queryReaders) }

    func verify(
        against checkpoint: AuditCheckpoint?,
        progress: @Sendable (Int64, Int64) -> Void
    ) async throws -> AuditVerification {
        throw refusal(of: .verifyAudit)
    }

    func createCheckpoint() async throws -> AuditCheckpoint { throw refusal(of: .createCheckpoint) }
}

extension ProxiedServices: RefusalRecorder {
    /// The server's record is of what reached the server.
    func recordRefusal(of operation: Operation, error: ScopeError) async throws {}
    func recordUnknownCall(_ target: String, error: ScopeError) async throws {}
}

extension ProxiedServices: WorkspaceChangeService, WorkspaceComparisonService {
    func apply(_ changes: [WorkspaceChange]) async throws -> AppliedChanges { throw refusal(of: .applyChanges) }

    func contents(of requests: [ScopeContentsRequest]) async throws -> [ScopeContents] {
        throw refusal(of: .listACLs)
    }

    func compare(_ requests: [ScopeComparisonRequest]) async throws -> [[SecretMatch]] {
        throw refusal(of: .compareSecrets)
    }
}
