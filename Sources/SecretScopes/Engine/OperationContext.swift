import SecretCrypto

/// One caller's work inside a transaction: finds what it names, decides, changes rows, and fills in the event.
///
/// Every row is saved with its MAC, noted as an effect in the event, and announced to caches, in one place.
final class OperationContext {
    let caller: Caller
    let batch: CommitBatch
    /// The event that will be appended.
    var event: AuditEvent
    private(set) var invalidations: [CacheInvalidation] = []
    private(set) var hasChanged = false

    init(event: AuditEvent, caller: Caller, batch: CommitBatch) {
        self.event = event
        self.caller = caller
        self.batch = batch
    }

    var keys: WorkspaceKeys { batch.keys }
    var now: Timestamp { batch.now }
    var view: WorkspaceView { batch.view }
    var reader: any StoreReader { batch.transaction }

    // MARK: Deciding

    /// Who the caller is, whatever it may do.
    func identify() throws -> PrincipalEntry? {
        let principal = try view.principal(caller.principal)
        event.actor.name = principal?.row.name ?? ""
        return principal
    }

    /// Who the caller is, provided that the credential allows the operation.
    func authorize() throws -> PrincipalEntry {
        try Decision.authority(
            of: caller,
            principal: try identify(),
            holder: try caller.holder.flatMap { try view.principal($0) },
            credential: try caller.credential.flatMap { try view.credential($0) },
            for: event.operation,
            at: now
        )
    }

    /// Who the caller is, provided that it is an administrator.
    func authorizeAdministrator() throws -> PrincipalEntry {
        let principal = try authorize()
        try Decision.requireAdministrator(principal, for: event.operation)
        return principal
    }

    /// The scope of that name, provided that the caller has `permission` on it.
    func scope(_ text: String, requiring permission: Permission, for principal: PrincipalEntry) throws -> ScopeEntry {
        let name = try ScopeName(validating: text)
        guard let scope = try view.scope(name) else {
            throw ScopeError(.resourceDoesNotExist, "Scope \(name) does not exist!")
        }
        event.subject.scope = scope.name.rawValue
        event.subject.scopeID = scope.row.id
        try Decision.require(permission, of: principal, on: scope)
        return scope
    }

    /// The secret of that name in the scope, if there is one.
    func secret(_ name: SecretName, in scope: ScopeEntry) throws -> SecretEntry? {
        let secret = try view.secret(name, in: scope)
        if let secret {
            event.subject.key = secret.row.name
            event.subject.secretID = secret.row.id
        }
        return secret
    }

    /// Forgets what was noted about changes, because they were taken back.
    func takeBack(because error: ScopeError) {
        event.error = error
        event.effects = []
        event.version = nil
        invalidations = []
    }

    // MARK: Changing

    /// No cache holds the workspace's row, so nothing has to be dropped.
    func save(_ row: WorkspaceRow) throws {
        try change(nil) { try batch.transaction.save(authenticated(row)) }
    }

    func save(_ row: PrincipalRow) throws {
        try change(.principal(row.id)) { try batch.transaction.save(authenticated(row)) }
    }

    func save(_ row: MembershipRow) throws {
        try change(.memberships) { try batch.transaction.save(authenticated(row)) }
    }

    func save(_ row: CredentialRow) throws {
        try change(.credential(row.id)) { try batch.transaction.save(authenticated(row)) }
    }

    func save(_ row: ScopeRow, named name: ScopeName) throws {
        try change(.scope(name.folded)) { try batch.transaction.save(authenticated(row)) }
    }

    func save(_ row: GrantRow, in scope: ScopeName) throws {
        try change(.scope(scope.folded)) { try batch.transaction.save(authenticated(row)) }
    }

    func save(_ row: SecretRow, named name: SecretName) throws {
        try change(.secret(SecretPlace(scope: row.scope, foldedName: name.folded))) {
            try batch.transaction.save(authenticated(row))
        }
    }

    /// Adds a version; what makes it current is the secret's row, saved after it.
    func insert(_ row: VersionRow) throws {
        let digest = SHA256.hash(row.sealed.span.bytes).bytes
        event.effects.append(RowEffect(table: .version, row: row.identity, code: digest))
        try change(nil) { try batch.transaction.insert(row) }
    }

    func delete(_ version: VersionID, of secret: SecretRow) throws {
        noteDeletion(.version, secret.identity + version.bytes)
        try change(nil) { try batch.transaction.delete(version) }
    }

    func delete(_ scope: ScopeEntry) throws {
        noteDeletion(.scope, scope.row.identity)
        try change(.scope(scope.name.folded)) { try batch.transaction.delete(scope.row.id) }
    }

    func delete(_ secret: SecretRow, named name: SecretName) throws {
        noteDeletion(.secret, secret.identity)
        try change(.secret(SecretPlace(scope: secret.scope, foldedName: name.folded))) {
            try batch.transaction.delete(secret.id)
        }
    }

    func delete(_ grant: GrantRow, in scope: ScopeName) throws {
        noteDeletion(.grant, grant.identity)
        try change(.scope(scope.folded)) {
            try batch.transaction.deleteGrant(scope: grant.scope, principal: grant.principal)
        }
    }

    func delete(_ membership: MembershipRow) throws {
        noteDeletion(.membership, membership.identity)
        try change(.memberships) {
            try batch.transaction.deleteMembership(group: membership.group, member: membership.member)
        }
    }

    func delete(_ credential: CredentialRow) throws {
        noteDeletion(.credential, credential.identity)
        try change(.credential(credential.id)) { try batch.transaction.delete(credential.id) }
    }

    /// Deletes a principal whose grants, memberships and credentials were deleted before it.
    func delete(_ principal: PrincipalRow) throws {
        noteDeletion(.principal, principal.identity)
        try change(.principal(principal.id)) { try batch.transaction.delete(principal.id) }
    }

    private func authenticated<Row: AuthenticatedRow>(_ row: Row) -> Row {
        let row = keys.authenticated(row)
        event.effects.append(RowEffect(table: Row.table, row: row.identity, code: row.code))
        return row
    }

    private func noteDeletion(_ table: RowTable, _ identity: [UInt8]) {
        event.effects.append(RowEffect(table: table, row: identity, code: nil))
    }

    private func change(_ invalidation: CacheInvalidation?, _ write: () throws -> Void) throws {
        batch.willChange()
        hasChanged = true
        try write()
        guard let invalidation else { return }
        invalidations.append(invalidation)
        batch.didChange(invalidation)
    }
}

extension ScopeName {
    /// Creates a name, or throws the API's refusal.
    init(validating text: String) throws(ScopeError) {
        guard let name = ScopeName(rawValue: text) else {
            throw ScopeError(
                .invalidParameterValue,
                "The scope name is not valid. Use 1 to 128 letters, digits and characters of _ . @ / -")
        }
        self = name
    }
}

extension SecretName {
    /// Creates a name, or throws the API's refusal.
    init(validating text: String) throws(ScopeError) {
        guard let name = SecretName(rawValue: text) else {
            throw ScopeError(
                .invalidParameterValue,
                "The key is not valid. Use 1 to 128 letters, digits and characters of _ . @ / -")
        }
        self = name
    }
}

extension PrincipalName {
    /// Creates a name, or throws the API's refusal.
    init(validating text: String) throws(ScopeError) {
        guard let name = PrincipalName(rawValue: text) else {
            throw ScopeError(
                .invalidParameterValue,
                "The principal's name is not valid. Use 1 to 255 printable ASCII characters without \" and \\")
        }
        self = name
    }
}
