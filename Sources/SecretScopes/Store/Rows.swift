/// A row that grants or points. Its MAC, under a key derived from the root key, covers its table, its identity and
/// all its columns, so that whoever can write the file but not unwrap the root key can grant nothing.
package protocol AuthenticatedRow: Sendable {
    /// The row's table.
    static var table: RowTable { get }
    /// The row's identity: its ids, the containing ones first.
    var identity: [UInt8] { get }
    /// The name by which messages call the row.
    var label: String { get }
    /// The MAC as it is stored.
    var code: [UInt8] { get set }
    /// The canonical encoding of all columns but the MAC.
    var columns: [UInt8] { get }
}

/// The workspace itself: how its root key is wrapped, and who its local administrator is.
package struct WorkspaceRow: AuthenticatedRow {
    package static let table = RowTable.workspace
    package var id: WorkspaceID
    package var created: Timestamp
    /// Which key provider wrapped the root key, with what it needs to unwrap it.
    package var rootKey: WrappedRootKey
    /// The principal that an embedded command line acts as.
    package var localAdministrator: PrincipalID
    package var code: [UInt8] = []

    package init(
        id: WorkspaceID,
        created: Timestamp,
        rootKey: WrappedRootKey,
        localAdministrator: PrincipalID,
        code: [UInt8] = []
    ) {
        self.id = id
        self.created = created
        self.rootKey = rootKey
        self.localAdministrator = localAdministrator
        self.code = code
    }

    package var identity: [UInt8] { id.bytes }
    package var label: String { "the workspace row" }
    package var columns: [UInt8] {
        var writer = ByteWriter()
        writer.write(created.rawValue)
        writer.write(rootKey.provider)
        writer.write(rootKey.parameters)
        writer.write(rootKey.sealed)
        writer.write(localAdministrator)
        return writer.bytes
    }
}

/// A user, a group or a service principal.
package struct PrincipalRow: AuthenticatedRow {
    package static let table = RowTable.principal
    package var id: PrincipalID
    package var kind: PrincipalKind
    package var name: String
    package var displayName: String
    package var isActive: Bool
    package var created: Timestamp
    package var code: [UInt8] = []

    package init(
        id: PrincipalID,
        kind: PrincipalKind,
        name: String,
        displayName: String,
        isActive: Bool,
        created: Timestamp,
        code: [UInt8] = []
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.displayName = displayName
        self.isActive = isActive
        self.created = created
        self.code = code
    }

    package var identity: [UInt8] { id.bytes }
    package var label: String { "the row of principal \(id)" }
    package var columns: [UInt8] {
        var writer = ByteWriter()
        writer.writeByte(kind.rawValue)
        writer.write(name)
        writer.write(displayName)
        writer.writeByte(isActive ? 1 : 0)
        writer.write(created.rawValue)
        return writer.bytes
    }

    /// The principal as callers see it.
    var principal: Principal {
        Principal(id: id, kind: kind, name: name, displayName: displayName, isActive: isActive)
    }
}

/// That a principal belongs to a group.
package struct MembershipRow: AuthenticatedRow {
    package static let table = RowTable.membership
    package var group: PrincipalID
    package var member: PrincipalID
    package var code: [UInt8] = []

    package init(group: PrincipalID, member: PrincipalID, code: [UInt8] = []) {
        self.group = group
        self.member = member
        self.code = code
    }

    package var identity: [UInt8] { group.bytes + member.bytes }
    package var label: String { "the membership of principal \(member) in group \(group)" }
    package var columns: [UInt8] { [] }
}

/// A scope with its wrapped data key.
package struct ScopeRow: AuthenticatedRow {
    package static let table = RowTable.scope
    package var id: ScopeID
    package var name: String
    package var backend: ScopeBackend
    package var created: Timestamp
    package var creator: PrincipalID
    /// The data key, sealed under the root key.
    package var sealedDataKey: [UInt8]
    /// Further settings, in a form of their own; empty as long as there are none.
    package var settings: [UInt8]
    package var code: [UInt8] = []

    package init(
        id: ScopeID,
        name: String,
        backend: ScopeBackend,
        created: Timestamp,
        creator: PrincipalID,
        sealedDataKey: [UInt8],
        settings: [UInt8] = [],
        code: [UInt8] = []
    ) {
        self.id = id
        self.name = name
        self.backend = backend
        self.created = created
        self.creator = creator
        self.sealedDataKey = sealedDataKey
        self.settings = settings
        self.code = code
    }

    package var identity: [UInt8] { id.bytes }
    package var label: String { "the row of scope \(id)" }
    package var columns: [UInt8] {
        var writer = ByteWriter()
        writer.write(name)
        writer.writeByte(backend.rawValue)
        writer.write(created.rawValue)
        writer.write(creator)
        writer.write(sealedDataKey)
        writer.write(settings)
        return writer.bytes
    }
}

/// One grant of a scope's ACL.
package struct GrantRow: AuthenticatedRow {
    package static let table = RowTable.grant
    package var scope: ScopeID
    package var principal: PrincipalID
    package var permission: Permission
    package var code: [UInt8] = []

    package init(scope: ScopeID, principal: PrincipalID, permission: Permission, code: [UInt8] = []) {
        self.scope = scope
        self.principal = principal
        self.permission = permission
        self.code = code
    }

    package var identity: [UInt8] { scope.bytes + principal.bytes }
    package var label: String { "the ACL row of principal \(principal) on scope \(scope)" }
    package var columns: [UInt8] { [permission.rawValue] }
}

/// A secret and which version of it is current.
package struct SecretRow: AuthenticatedRow {
    package static let table = RowTable.secret
    package var id: SecretID
    package var scope: ScopeID
    package var name: String
    package var currentVersion: VersionID
    package var versionNumber: Int64
    package var updated: Timestamp
    package var code: [UInt8] = []

    package init(
        id: SecretID,
        scope: ScopeID,
        name: String,
        currentVersion: VersionID,
        versionNumber: Int64,
        updated: Timestamp,
        code: [UInt8] = []
    ) {
        self.id = id
        self.scope = scope
        self.name = name
        self.currentVersion = currentVersion
        self.versionNumber = versionNumber
        self.updated = updated
        self.code = code
    }

    package var identity: [UInt8] { scope.bytes + id.bytes }
    package var label: String { "the row of secret \(id) in scope \(scope)" }
    package var columns: [UInt8] {
        var writer = ByteWriter()
        writer.write(name)
        writer.write(currentVersion)
        writer.write(versionNumber)
        writer.write(updated.rawValue)
        return writer.bytes
    }
}

/// One version of a secret's value. It has no MAC of its own: what it says besides the ciphertext is the ciphertext's
/// additional data.
package struct VersionRow: Sendable {
    package var id: VersionID
    package var scope: ScopeID
    package var secret: SecretID
    /// The number, from 1.
    package var number: Int64
    package var created: Timestamp
    /// Nonce, ciphertext and tag, under the scope's data key.
    package var sealed: [UInt8]

    package init(
        id: VersionID,
        scope: ScopeID,
        secret: SecretID,
        number: Int64,
        created: Timestamp,
        sealed: [UInt8]
    ) {
        self.id = id
        self.scope = scope
        self.secret = secret
        self.number = number
        self.created = created
        self.sealed = sealed
    }

    /// The version's identity in the audit record.
    package var identity: [UInt8] { scope.bytes + secret.bytes + id.bytes }
    /// The name by which messages call the row.
    package var label: String { "version \(number) (\(id)) of secret \(secret) in scope \(scope)" }
}

/// A token, by its hash.
package struct CredentialRow: AuthenticatedRow {
    package static let table = RowTable.credential
    package var id: CredentialID
    package var kind: CredentialKind
    package var principal: PrincipalID
    package var operations: OperationSet
    /// SHA-256 of the token.
    package var tokenHash: [UInt8]
    package var created: Timestamp
    package var creator: PrincipalID
    /// Who was authenticated when it was made.
    package var runBy: String
    /// When it stops being valid; `nil` is never.
    package var expires: Timestamp?
    package var comment: String
    package var code: [UInt8] = []

    package init(
        id: CredentialID,
        kind: CredentialKind,
        principal: PrincipalID,
        operations: OperationSet,
        tokenHash: [UInt8],
        created: Timestamp,
        creator: PrincipalID,
        runBy: String,
        expires: Timestamp?,
        comment: String,
        code: [UInt8] = []
    ) {
        self.id = id
        self.kind = kind
        self.principal = principal
        self.operations = operations
        self.tokenHash = tokenHash
        self.created = created
        self.creator = creator
        self.runBy = runBy
        self.expires = expires
        self.comment = comment
        self.code = code
    }

    package var identity: [UInt8] { id.bytes }
    package var label: String { "the row of token \(id)" }
    package var columns: [UInt8] {
        var writer = ByteWriter()
        writer.writeByte(kind.rawValue)
        writer.write(principal)
        writer.write(Int64(bitPattern: operations.rawValue))
        writer.write(tokenHash)
        writer.write(created.rawValue)
        writer.write(creator)
        writer.write(runBy)
        writer.writeOptional(expires) { $0.write($1.rawValue) }
        writer.write(comment)
        return writer.bytes
    }
}

/// What one generation changed, so that other processes can drop just those entries from their caches.
package struct ChangeRow: AuthenticatedRow {
    package static let table = RowTable.change
    package var generation: Int64
    /// The canonical encoding of the ``CacheInvalidation``s.
    package var entries: [UInt8]
    package var code: [UInt8] = []

    package init(generation: Int64, entries: [UInt8], code: [UInt8] = []) {
        self.generation = generation
        self.entries = entries
        self.code = code
    }

    package var identity: [UInt8] {
        var writer = ByteWriter()
        writer.write(generation)
        return writer.bytes
    }
    package var label: String { "the change log's row of generation \(generation)" }
    package var columns: [UInt8] { entries }
}
