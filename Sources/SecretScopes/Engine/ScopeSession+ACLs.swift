extension ScopeSession {
    /// Grants `permission` to `principal`, replacing what it was granted before. Needs MANAGE.
    public func putACL(scope: String, principal: String, permission: String) async throws {
        try await perform(.putACL(scope: scope, principal: principal, permission: permission))
    }

    /// Takes away what `principal` was granted. Needs MANAGE.
    public func deleteACL(scope: String, principal: String) async throws {
        try await perform(.deleteACL(scope: scope, principal: principal))
    }

    /// What `principal` was granted directly. Needs MANAGE.
    public func getACL(scope: String, principal: String) async throws -> ACLItem {
        try await perform(.getACL, scope: scope, parameters: [("principal", principal)]) { context in
            let caller = try context.authorize()
            let name = try PrincipalName(validating: principal)
            let scope = try context.scope(scope, requiring: .manage, for: caller)
            let (grantee, permission) = try context.grant(of: name, on: scope)
            return ACLItem(principal: grantee.name, permission: permission)
        }
    }

    /// Everything that was granted, by principal. Needs MANAGE.
    public func listACLs(scope: String) async throws -> [ACLItem] {
        try await perform(.listACLs(scope: scope))
    }
}

extension EngineCall<[ACLItem]> {
    /// Lists the ACL of a scope.
    static func listACLs(scope: String) -> Self {
        Self(.listACLs, scope: scope) { context in
            let caller = try context.authorize()
            let scope = try context.scope(scope, requiring: .manage, for: caller)
            return try scope.grants.map { principal, permission in
                guard let row = try context.view.principal(principal)?.row else {
                    throw IntegrityError(object: "an ACL row of scope \(scope.name) whose principal is missing")
                }
                return ACLItem(principal: row.name, permission: permission)
            }.sorted { $0.principal.lowercased() < $1.principal.lowercased() }
        }
    }
}

extension EngineCall<Void> {
    /// Grants a permission.
    static func putACL(
        scope: String, principal: String, permission: String, expecting previous: Expectation<Permission> = .anything
    ) -> Self {
        let parameters: [(name: String, value: String?)] = [("principal", principal), ("permission", permission)]
        return Self(.putACL, scope: scope, parameters: parameters) { context in
            let caller = try context.authorize()
            guard let wanted = Permission(named: permission) else {
                throw ScopeError(.invalidParameterValue, "The permission is unknown. Use READ, WRITE or MANAGE.")
            }
            let name = try PrincipalName(validating: principal)
            let scope = try context.scope(scope, requiring: .manage, for: caller)
            let grantee = try context.existingPrincipal(named: name)
            try previous.check(scope.grants[grantee.id], "The permission of \(grantee.name) on scope \(scope.name)")
            try context.save(
                GrantRow(scope: scope.row.id, principal: grantee.id, permission: wanted), in: scope.name)
        }
    }

    /// Takes a grant away.
    static func deleteACL(
        scope: String, principal: String, expecting previous: Expectation<Permission> = .anything
    ) -> Self {
        Self(.deleteACL, scope: scope, parameters: [("principal", principal)]) { context in
            let caller = try context.authorize()
            let name = try PrincipalName(validating: principal)
            let scope = try context.scope(scope, requiring: .manage, for: caller)
            let (grantee, permission) = try context.grant(of: name, on: scope)
            try previous.check(permission, "The permission of \(grantee.name) on scope \(scope.name)")
            try context.delete(
                GrantRow(scope: scope.row.id, principal: grantee.id, permission: permission), in: scope.name)
        }
    }
}

extension OperationContext {
    /// The principal of that name, where a call cannot be understood without one.
    func existingPrincipal(named name: PrincipalName) throws -> PrincipalRow {
        guard let row = try view.principal(named: name) else {
            throw ScopeError(
                .invalidParameterValue, "There is no user, group or service principal \(name). Create it first.")
        }
        return row
    }

    /// What the principal of that name was granted directly on the scope.
    fileprivate func grant(of name: PrincipalName, on scope: ScopeEntry) throws -> (PrincipalRow, Permission) {
        guard let row = try view.principal(named: name), let permission = scope.grants[row.id] else {
            throw ScopeError(
                .resourceDoesNotExist, "\(name) has no permission of its own on scope \(scope.name).")
        }
        return (row, permission)
    }
}
