import GRDB
import SecretScopes

extension SQLiteConnection {
    private static let principalColumns = "id, kind, name, display_name, is_active, created, mac"

    private func makePrincipal(_ row: Row) throws -> PrincipalRow {
        PrincipalRow(
            id: try row.identifier(0),
            kind: try row.choice(1),
            name: try row.text(2),
            displayName: try row.text(3),
            isActive: try row.integer(4) == 1,
            created: try row.timestamp(5),
            code: try row.bytes(6)
        )
    }

    func principal(_ id: PrincipalID) throws -> PrincipalRow? {
        try row("SELECT \(Self.principalColumns) FROM principal WHERE id = ?", [id.blob], makePrincipal)
    }

    func principal(named foldedName: String) throws -> PrincipalRow? {
        try row(
            "SELECT \(Self.principalColumns) FROM principal WHERE folded_name = ?",
            [foldedName.databaseValue],
            makePrincipal
        )
    }

    func principals(of kind: PrincipalKind?) throws -> [PrincipalRow] {
        guard let kind else {
            return try rows(
                "SELECT \(Self.principalColumns) FROM principal ORDER BY folded_name", [], makePrincipal)
        }
        return try rows(
            "SELECT \(Self.principalColumns) FROM principal WHERE kind = ? ORDER BY folded_name",
            [kind.rawValue.databaseValue],
            makePrincipal
        )
    }

    private func makeMembership(_ row: Row) throws -> MembershipRow {
        MembershipRow(group: try row.identifier(0), member: try row.identifier(1), code: try row.bytes(2))
    }

    func memberships(of member: PrincipalID) throws -> [MembershipRow] {
        try rows(
            "SELECT group_id, member_id, mac FROM membership WHERE member_id = ?", [member.blob], makeMembership)
    }

    func members(of group: PrincipalID) throws -> [MembershipRow] {
        try rows("SELECT group_id, member_id, mac FROM membership WHERE group_id = ?", [group.blob], makeMembership)
    }

    func memberships() throws -> [MembershipRow] {
        try rows("SELECT group_id, member_id, mac FROM membership", [], makeMembership)
    }

    private static let credentialColumns = """
        id, kind, principal_id, operations, token_hash, created, creator, run_by, expires, comment, mac
        """

    private func makeCredential(_ row: Row) throws -> CredentialRow {
        CredentialRow(
            id: try row.identifier(0),
            kind: try row.choice(1),
            principal: try row.identifier(2),
            operations: OperationSet(rawValue: UInt64(bitPattern: try row.integer(3))),
            tokenHash: try row.bytes(4),
            created: try row.timestamp(5),
            creator: try row.identifier(6),
            runBy: try row.text(7),
            expires: try row.optionalTimestamp(8),
            comment: try row.text(9),
            code: try row.bytes(10)
        )
    }

    func credential(_ id: CredentialID) throws -> CredentialRow? {
        try row("SELECT \(Self.credentialColumns) FROM credential WHERE id = ?", [id.blob], makeCredential)
    }

    func credential(tokenHash: [UInt8]) throws -> CredentialRow? {
        try row(
            "SELECT \(Self.credentialColumns) FROM credential WHERE token_hash = ?", [tokenHash.blob], makeCredential)
    }

    func tokenHashes() throws -> [[UInt8]] {
        try rows("SELECT token_hash FROM credential") { try $0.bytes(0) }
    }

    func credentials(of principal: PrincipalID) throws -> [CredentialRow] {
        try rows(
            "SELECT \(Self.credentialColumns) FROM credential WHERE principal_id = ? ORDER BY created",
            [principal.blob],
            makeCredential
        )
    }

    func lastUse(of credential: CredentialID) throws -> Timestamp? {
        try row("SELECT day FROM credential_use WHERE credential_id = ?", [credential.blob]) { try $0.timestamp(0) }
    }

    func credentials() throws -> [CredentialRow] {
        try rows("SELECT \(Self.credentialColumns) FROM credential ORDER BY created", [], makeCredential)
    }
}
