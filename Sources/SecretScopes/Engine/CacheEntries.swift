/// A scope with its ACL.
final class ScopeEntry: Sendable {
    let row: ScopeRow
    let name: ScopeName
    let grants: [PrincipalID: Permission]
    /// What the scope is linked to; `nil` when it is a native one.
    let link: ScopeLink?
    /// The least redaction of the scope's values.
    let minimumRedaction: MinimumRedaction

    /// - Throws: ``ScopeError`` when the row's settings were written by a later program.
    init(row: ScopeRow, name: ScopeName, grants: [PrincipalID: Permission]) throws(ScopeError) {
        self.row = row
        self.name = name
        self.grants = grants
        let settings = try ScopeSettings(of: row)
        self.link = settings.link
        self.minimumRedaction = settings.minimumRedaction
    }
}

/// A principal with everything it counts as: itself, the groups that contain it directly or through groups, and
/// everybody.
final class PrincipalEntry: Sendable {
    let row: PrincipalRow
    let identities: Set<PrincipalID>

    init(row: PrincipalRow, identities: Set<PrincipalID>) {
        self.row = row
        self.identities = identities
    }

    var isAdministrator: Bool { identities.contains(.administrators) }
}

/// A secret with its current version, sealed.
final class SecretEntry: Sendable {
    let row: SecretRow
    let version: VersionRow

    init(row: SecretRow, version: VersionRow) {
        self.row = row
        self.version = version
    }
}

/// Where a secret is.
struct SecretPlace: Hashable, Sendable {
    var scope: ScopeID
    var foldedName: String
}

extension PrincipalID {
    /// The group `users`, which everybody belongs to.
    static let everybody = PrincipalID(high: 0, low: 1)
    /// The group `admins`.
    static let administrators = PrincipalID(high: 0, low: 2)
}
