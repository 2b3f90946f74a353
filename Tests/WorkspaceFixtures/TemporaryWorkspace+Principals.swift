public import SecretScopes

/// Principals and scopes in few words, all made by the local administrator.
extension TemporaryWorkspace {
    /// Makes users.
    public func makeUsers(_ names: String...) async throws {
        for name in names { _ = try await services().createPrincipal(kind: .user, name: name) }
    }

    /// Makes a group that holds `members`.
    public func makeGroup(_ name: String, of members: String...) async throws {
        let services = try services()
        _ = try await services.createPrincipal(kind: .group, name: name)
        for member in members { try await services.addGroupMember(member, to: name) }
    }

    /// Makes a service principal and returns its application id.
    public func makeServicePrincipal(_ displayName: String) async throws -> String {
        try await services().createPrincipal(kind: .servicePrincipal, name: displayName).name
    }

    /// Makes a scope with the secrets `secrets`, values by name.
    public func makeScope(_ name: String, holding secrets: KeyValuePairs<String, String> = [:]) async throws {
        try await services().createScope(CreateScopeRequest(scope: name))
        for (key, value) in secrets { try await put(value, scope: name, key: key) }
    }

    /// Grants `permission` on `scope` to a principal that is there.
    public func allow(_ principal: String, _ permission: Permission, on scope: String) async throws {
        try await services().putACL(scope: scope, principal: principal, permission: permission.description)
    }

    /// The events of one operation, oldest first.
    public func events(_ operation: Operation) async throws -> [AuditEvent] {
        var query = AuditQuery()
        query.operation = operation
        return try await services().events(query)
    }
}
