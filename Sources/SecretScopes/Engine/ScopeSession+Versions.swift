extension ScopeSession: SecretVersionService {
    /// The versions of a secret that are kept, newest first, without their values. Needs READ.
    public func versions(scope: String, key: String) async throws -> [SecretVersion] {
        try await perform(.listVersions, scope: scope, key: key) { context in
            let principal = try context.authorize()
            let (_, secret) = try context.secret(key, inScope: scope, requiring: .read, for: principal)
            return try context.reader.versions(of: secret.row.id).reversed().map { version in
                SecretVersion(
                    number: version.number,
                    created: version.created,
                    isCurrent: version.id == secret.row.currentVersion
                )
            }
        }
    }

    /// Makes the value of an earlier version the current one again, as a new version. Needs WRITE.
    public func restoreSecret(scope: String, key: String, version number: Int64) async throws -> Int64 {
        let parameters = [("version", String(number))]
        return try await perform(.restoreVersion, scope: scope, key: key, parameters: parameters) {
            [random = engine.random] context in
            let principal = try context.authorize()
            let (scope, secret) = try context.secret(key, inScope: scope, requiring: .write, for: principal)
            guard number != secret.row.versionNumber else {
                throw ScopeError(
                    .invalidParameterValue, "Version \(number) of key \(secret.row.name) is the current one already.")
            }
            let version = try context.version(number, of: secret, in: scope)
            let value = try context.keys.open(version, of: scope.row)
            return try context.put(
                value, as: SecretName(validating: key), replacing: secret.row, in: scope, random: random)
        }
    }
}

extension OperationContext {
    /// A secret and its scope, provided that the caller has `permission` on it.
    func secret(
        _ key: String, inScope scope: String, requiring permission: Permission, for principal: PrincipalEntry
    ) throws -> (ScopeEntry, SecretEntry) {
        let name = try SecretName(validating: key)
        let scope = try self.scope(scope, requiring: permission, for: principal)
        guard scope.link == nil else {
            throw ScopeError(
                .badRequest, "Scope \(scope.name) is linked to a vault, which keeps versions of its own.")
        }
        guard let secret = try secret(name, in: scope) else {
            throw ScopeError(
                .resourceDoesNotExist, "Secret does not exist with scope: \(scope.name) and key: \(name)")
        }
        return (scope, secret)
    }

    /// The version of that number.
    func version(_ number: Int64, of secret: SecretEntry, in scope: ScopeEntry) throws -> VersionRow {
        guard let version = try reader.version(number, of: secret.row.id) else {
            throw ScopeError(
                .resourceDoesNotExist,
                "Key \(secret.row.name) in scope \(scope.name) has no version \(number). See "
                    + "`hush secrets versions \(scope.name) \(secret.row.name)`."
            )
        }
        guard version.secret == secret.row.id, version.scope == scope.row.id, version.number == number else {
            throw IntegrityError(object: version.label)
        }
        return version
    }
}
