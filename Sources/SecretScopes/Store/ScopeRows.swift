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
