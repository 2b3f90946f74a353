/// The rules of who may do what. Pure: everything they look at is handed in.
enum Decision {
    /// Who the caller is, provided that the credential is valid, allows the operation and its principal is active.
    static func authority(
        of caller: Caller,
        principal: PrincipalEntry?,
        holder: PrincipalEntry?,
        credential: CredentialRow?,
        for operation: Operation,
        at now: Timestamp
    ) throws(ScopeError) -> PrincipalEntry {
        var allowed = caller.allowedOperations
        if caller.credential != nil {
            guard let credential, credential.principal == caller.holder ?? caller.principal else {
                throw ScopeError(.unauthenticated, "The token is not valid: it was revoked. Make a new one.")
            }
            if let expires = credential.expires, expires <= now {
                throw ScopeError(.unauthenticated, "The token is not valid: it has expired. Make a new one.")
            }
            allowed = OperationSet(rawValue: allowed.rawValue & credential.operations.rawValue)
        }
        if caller.holder != nil { try requireHolder(holder, of: caller) }
        guard let principal, principal.row.kind != .group else {
            throw ScopeError(.unauthenticated, "The caller does not exist any more. Use another account.")
        }
        guard principal.row.isActive else {
            throw ScopeError(
                .permissionDenied, "User \(principal.row.name) is not active. Ask an administrator.")
        }
        guard allowed.contains(operation) else {
            throw ScopeError(
                .permissionDenied,
                "The token of \(principal.row.name) does not allow \(operation.actionName). Use a token that does.")
        }
        return principal
    }

    /// Throws unless who acts as another principal still is an administrator.
    private static func requireHolder(_ holder: PrincipalEntry?, of caller: Caller) throws(ScopeError) {
        guard let holder, holder.row.isActive, holder.isAdministrator else {
            throw ScopeError(
                .permissionDenied,
                "User \(caller.runBy) is not an administrator, which acting as another principal needs.")
        }
    }

    /// The strongest permission that the principal has on the scope, by itself or by any of its groups.
    ///
    /// Administrators have MANAGE on every scope; there is no denying entry (Databricks: workspace-level ACLs).
    static func permission(of principal: PrincipalEntry, on scope: ScopeEntry) -> Permission? {
        if principal.isAdministrator { return .manage }
        if scope.grants.count <= principal.identities.count {
            return scope.grants.filter { principal.identities.contains($0.key) }.values.max()
        }
        return principal.identities.compactMap { scope.grants[$0] }.max()
    }

    /// Throws Databricks' own words unless the principal has at least `permission` on the scope.
    static func require(
        _ permission: Permission, of principal: PrincipalEntry, on scope: ScopeEntry
    ) throws(ScopeError) {
        if let strongest = self.permission(of: principal, on: scope), strongest >= permission { return }
        throw ScopeError(
            .permissionDenied,
            "User \(principal.row.name) does not have \(permission) permission on scope "
                + "\(scope.name) to perform this action."
        )
    }

    /// Throws unless the principal is an administrator.
    static func requireAdministrator(_ principal: PrincipalEntry, for operation: Operation) throws(ScopeError) {
        guard principal.isAdministrator else {
            throw ScopeError(
                .permissionDenied,
                "User \(principal.row.name) is not an administrator, which "
                    + "\(operation.actionName) needs. Ask an administrator."
            )
        }
    }

}
