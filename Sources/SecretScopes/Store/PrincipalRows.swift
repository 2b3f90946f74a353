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
