/// Changes of what principals and tokens are called, on behalf of one caller.
///
/// Every call leaves one audit event, granted or refused. Every method throws ``ScopeError``.
public protocol IdentityEditingService: Sendable {
    /// Gives a principal another display name. A group's is its name, by which ACLs and members then show it; the user
    /// name of a user and the application id of a service principal stay. Needs an administrator.
    func renamePrincipal(_ id: PrincipalID, to name: String) async throws
    /// Gives a token another comment, of at most 256 bytes. Its owner may, whoever made it, and every administrator.
    func setComment(_ comment: String, ofToken id: CredentialID) async throws
}
