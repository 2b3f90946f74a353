internal import Redaction
internal import SecretMemory
internal import SecretScopes

/// Services that make every value known to a run's redactor before they hand it out.
///
/// When the redactor cannot take a value the read fails: a value that is not redacted must not get into the run.
struct RedactingServices: Sendable {
    let services: any WorkspaceServices
    let redactor: Redactor
}

extension RedactingServices: SecretService {
    func getSecret(scope: String, key: String) async throws -> Secret {
        try known(await services.getSecret(scope: scope, key: key), scope: scope)
    }

    private func known(_ secret: Secret, scope: String) throws -> Secret {
        do {
            try redactor.add(
                secret.value, name: "\(scope)/\(secret.key)", level: RedactionLevel(atLeast: secret.minimumRedaction))
        } catch {
            throw ScopeError(
                .resourceLimitExceeded,
                "The value of key \(secret.key) in scope \(scope) is withheld, since it could not be redacted: "
                    + "\(error)."
            )
        }
        return secret
    }

    func createScope(_ request: CreateScopeRequest) async throws {
        try await services.createScope(request)
    }

    func deleteScope(_ scope: String) async throws {
        try await services.deleteScope(scope)
    }

    func listScopes() async throws -> [SecretScope] {
        try await services.listScopes()
    }

    func putSecret(_ request: PutSecretRequest) async throws {
        try await services.putSecret(request)
    }

    func deleteSecret(scope: String, key: String) async throws {
        try await services.deleteSecret(scope: scope, key: key)
    }

    func listSecrets(scope: String) async throws -> [SecretMetadata] {
        try await services.listSecrets(scope: scope)
    }

    func putACL(scope: String, principal: String, permission: String) async throws {
        try await services.putACL(scope: scope, principal: principal, permission: permission)
    }

    func deleteACL(scope: String, principal: String) async throws {
        try await services.deleteACL(scope: scope, principal: principal)
    }

    func getACL(scope: String, principal: String) async throws -> ACLItem {
        try await services.getACL(scope: scope, principal: principal)
    }

    func listACLs(scope: String) async throws -> [ACLItem] {
        try await services.listACLs(scope: scope)
    }
}

extension RedactingServices: SecretVersionService {
    func versions(scope: String, key: String) async throws -> [SecretVersion] {
        try await services.versions(scope: scope, key: key)
    }

    func getSecret(scope: String, key: String, version: Int64) async throws -> Secret {
        try known(await services.getSecret(scope: scope, key: key, version: version), scope: scope)
    }

    func restoreSecret(scope: String, key: String, version: Int64) async throws -> Int64 {
        try await services.restoreSecret(scope: scope, key: key, version: version)
    }
}

extension RedactingServices: ScopeSettingsService {
    func scopeSettings() async throws -> [SecretScope] {
        try await services.scopeSettings()
    }

    func setMinimumRedaction(_ level: MinimumRedaction, of scope: String) async throws {
        try await services.setMinimumRedaction(level, of: scope)
    }
}

extension RedactingServices: IdentityService {
    func currentPrincipal() async throws -> Principal {
        try await services.currentPrincipal()
    }

    func createPrincipal(kind: PrincipalKind, name: String) async throws -> Principal {
        try await services.createPrincipal(kind: kind, name: name)
    }

    func deletePrincipal(kind: PrincipalKind, name: String) async throws {
        try await services.deletePrincipal(kind: kind, name: name)
    }

    func setActive(_ isActive: Bool, kind: PrincipalKind, name: String) async throws {
        try await services.setActive(isActive, kind: kind, name: name)
    }

    func listPrincipals(kind: PrincipalKind) async throws -> [Principal] {
        try await services.listPrincipals(kind: kind)
    }

    func groupMembers(_ group: String) async throws -> [Principal] {
        try await services.groupMembers(group)
    }

    func addGroupMember(_ member: String, to group: String) async throws {
        try await services.addGroupMember(member, to: group)
    }

    func removeGroupMember(_ member: String, from group: String) async throws {
        try await services.removeGroupMember(member, from: group)
    }

    /// A token is as secret as a value.
    func createToken(_ request: CreateTokenRequest) async throws -> IssuedToken {
        let token = try await services.createToken(request)
        do {
            try redactor.add(token.value, name: "a token")
        } catch {
            try await services.revokeToken(token.id)
            throw ScopeError(
                .resourceLimitExceeded,
                "A new token is withheld, since it could not be redacted: \(error)."
            )
        }
        return token
    }

    func revokeToken(_ id: CredentialID) async throws {
        try await services.revokeToken(id)
    }

    func principal(_ id: PrincipalID) async throws -> PrincipalRelations {
        try await services.principal(id)
    }

    func listTokens(of owner: TokenOwner) async throws -> [TokenDescription] {
        try await services.listTokens(of: owner)
    }

    /// A client secret is as secret as a value.
    func createClientSecret(for applicationID: String, lifetime: Duration?) async throws -> IssuedToken {
        let secret = try await services.createClientSecret(for: applicationID, lifetime: lifetime)
        do {
            try redactor.add(secret.value)
        } catch {
            try await services.deleteClientSecret(secret.id, of: applicationID)
            throw ScopeError(
                .resourceLimitExceeded,
                "A new client secret is withheld, since it could not be redacted: \(error)."
            )
        }
        return secret
    }

    func listClientSecrets(of applicationID: String) async throws -> [TokenDescription] {
        try await services.listClientSecrets(of: applicationID)
    }

    func deleteClientSecret(_ id: CredentialID, of applicationID: String) async throws {
        try await services.deleteClientSecret(id, of: applicationID)
    }
}

extension RedactingServices: IdentityEditingService {
    func renamePrincipal(_ id: PrincipalID, to name: String) async throws {
        try await services.renamePrincipal(id, to: name)
    }

    func setComment(_ comment: String, ofToken id: CredentialID) async throws {
        try await services.setComment(comment, ofToken: id)
    }
}

extension RedactingServices: AccessService {
    func access(of principal: String, to scope: String) async throws -> ScopeAccess {
        try await services.access(of: principal, to: scope)
    }

    func access(to scope: String) async throws -> [ScopeAccess] {
        try await services.access(to: scope)
    }
}

extension RedactingServices: AuditService {
    func events(_ query: AuditQuery) async throws -> [AuditEvent] {
        try await services.events(query)
    }

    func followEvents(_ query: AuditQuery) async throws -> AsyncThrowingStream<AuditEvent, any Error> {
        try await services.followEvents(query)
    }

    func events(_ query: AuditQuery, after: Int64?, patience: Duration) async throws -> FollowedEvents {
        try await services.events(query, after: after, patience: patience)
    }

    func readers(scope: String, key: String?) async throws -> [ReadSummary] {
        try await services.readers(scope: scope, key: key)
    }

    func reads(by principal: String) async throws -> [ReadSummary] {
        try await services.reads(by: principal)
    }

    func verify(
        against checkpoint: AuditCheckpoint?,
        progress: @Sendable (Int64, Int64) -> Void
    ) async throws -> AuditVerification {
        try await services.verify(against: checkpoint, progress: progress)
    }

    func createCheckpoint() async throws -> AuditCheckpoint {
        try await services.createCheckpoint()
    }
}

extension RedactingServices: LinkService {
    func linkScope(_ request: LinkScopeRequest) async throws {
        try await services.linkScope(request)
    }

    func unlinkScope(_ scope: String) async throws {
        try await services.unlinkScope(scope)
    }

    func scopeLink(of scope: String) async throws -> ScopeLinkDescription? {
        try await services.scopeLink(of: scope)
    }

    func checkLink(of scope: String) async throws -> [LinkCheckStep] {
        try await services.checkLink(of: scope)
    }
}

extension RedactingServices: RefusalRecorder {
    func recordRefusal(of operation: Operation, error: ScopeError) async throws {
        try await services.recordRefusal(of: operation, error: error)
    }

    func recordUnknownCall(_ target: String, error: ScopeError) async throws {
        try await services.recordUnknownCall(target, error: error)
    }
}

extension RedactingServices: WorkspaceChangeService, WorkspaceComparisonService {
    func apply(_ changes: [WorkspaceChange]) async throws -> AppliedChanges {
        try await services.apply(changes)
    }

    func contents(of requests: [ScopeContentsRequest]) async throws -> [ScopeContents] {
        try await services.contents(of: requests)
    }

    func compare(_ requests: [ScopeComparisonRequest]) async throws -> [[SecretMatch]] {
        try await services.compare(requests)
    }
}
