import SecretCrypto

extension ScopeSession {
    /// Creates a scope. Any principal may create a native one; one that is linked to an Azure Key Vault needs an
    /// administrator, and is linked with the machine's own identity: no token of the caller is used (Databricks wants one
    /// of Microsoft Entra).
    public func createScope(_ request: CreateScopeRequest) async throws {
        if let link = request.linkRequest, request.isWellFormed { return try await linkNewScope(link) }
        try await perform(.createScope(request, random: engine.random))
    }

    /// Deletes a scope with its secrets and its ACL. Needs MANAGE.
    public func deleteScope(_ scope: String) async throws {
        try await perform(.deleteScope, scope: scope) { context in
            let principal = try context.authorize()
            try context.delete(context.scope(scope, requiring: .manage, for: principal))
        }
    }

    /// Lists all scopes by name. Any principal may: scope names are not secret.
    public func listScopes() async throws -> [SecretScope] {
        try await perform(.listScopes) { context in
            _ = try context.authorize()
            return try context.reader.scopes().map { row in
                try context.keys.verify(row)
                let settings = try ScopeSettings(of: row)
                return SecretScope(
                    name: row.name,
                    backend: row.backend,
                    minimumRedaction: settings.minimumRedaction,
                    link: settings.link.map { ScopeLinkSummary($0) }
                )
            }
        }
    }
}

extension OperationContext {
    /// The row of a new scope with a data key of its own, as long as the workspace has room for one.
    func newScopeRow(_ name: ScopeName, creator: PrincipalEntry, random: any RandomSource) throws -> ScopeRow {
        guard try reader.scopeCount() < ScopeEngine.Limits.scopes else {
            throw ScopeError(
                .resourceLimitExceeded,
                "The workspace has \(ScopeEngine.Limits.scopes) scopes, which is the most. Delete one first.")
        }
        let id = ScopeID(random: random)
        event.subject.scopeID = id
        return ScopeRow(
            id: id,
            name: name.rawValue,
            backend: .native,
            created: now,
            creator: creator.row.id,
            sealedDataKey: try keys.makeDataKey(for: id)
        )
    }
}

extension ScopeSession: ScopeSettingsService {
    /// Lists all scopes by name, with their settings. Any principal may.
    public func scopeSettings() async throws -> [SecretScope] {
        try await listScopes()
    }

    /// Sets the least redaction that runs must apply to the scope's values, from their next read on. Needs MANAGE.
    public func setMinimumRedaction(_ level: MinimumRedaction, of scope: String) async throws {
        try await perform(.setMinimumRedaction(level, of: scope))
    }
}

extension EngineCall<Void> {
    /// Creates a native scope.
    ///
    /// - Parameter grantsManage: Whether anybody gets MANAGE. Administrators have it in any case, and they alone may do
    ///   without a grant.
    static func createScope(
        _ request: CreateScopeRequest, grantsManage: Bool = true, random: any RandomSource
    ) -> Self {
        let parameters: [(name: String, value: String?)] = [
            ("initial_manage_principal", request.initialManagePrincipal),
            ("scope_backend_type", request.backendType),
        ]
        return Self(.createScope, scope: request.scope, parameters: parameters) { context in
            let creator = try context.authorize()
            let name = try ScopeName(validating: request.scope)
            guard grantsManage || creator.isAdministrator else {
                throw ScopeError(
                    .permissionDenied,
                    "User \(creator.row.name) is not an administrator, and would lose scope \(name) by making it without "
                        + "a grant. Ask an administrator.")
            }
            let manager = try CreateScopeRequest.manager(
                request.initialManagePrincipal, creator: creator.row.id)
            try request.validateBackend()
            guard try context.view.scope(name) == nil else {
                throw ScopeError(.resourceAlreadyExists, "Scope \(name) already exists!")
            }
            let row = try context.newScopeRow(name, creator: creator, random: random)
            try context.save(row, named: name)
            guard grantsManage else { return }
            try context.save(GrantRow(scope: row.id, principal: manager, permission: .manage), in: name)
        }
    }

    /// Sets the least redaction of a scope's values.
    static func setMinimumRedaction(
        _ level: MinimumRedaction, of scope: String, expecting previous: Expectation<MinimumRedaction> = .anything
    ) -> Self {
        let parameters: [(name: String, value: String?)] = [("redaction", level.description)]
        return Self(.setScopeRedaction, scope: scope, parameters: parameters) { context in
            let principal = try context.authorize()
            let scope = try context.scope(scope, requiring: .manage, for: principal)
            var settings = try ScopeSettings(of: scope.row)
            try previous.check(settings.minimumRedaction, "The redaction of scope \(scope.name)")
            settings.minimumRedaction = level
            var row = scope.row
            row.settings = settings.bytes
            try context.save(row, named: scope.name)
        }
    }
}

extension CreateScopeRequest {
    /// Who gets MANAGE: the creator, or everybody.
    static func manager(_ initialManagePrincipal: String?, creator: PrincipalID) throws(ScopeError) -> PrincipalID {
        guard let initialManagePrincipal else { return creator }
        guard initialManagePrincipal.lowercased() == PrincipalName.users.folded else {
            throw ScopeError(
                .invalidParameterValue, "The only accepted value for initial_manage_principal is \"users\".")
        }
        return .everybody
    }

    /// Whether no more than one way to link the scope is asked for.
    fileprivate var isWellFormed: Bool {
        link == nil || (azureKeyVault == nil && (backendType ?? "DATABRICKS") == "DATABRICKS")
    }

    /// The link that the request asks for; `nil` when it asks for a native scope, or for none that can be made.
    fileprivate var linkRequest: LinkScopeRequest? {
        if let link {
            return LinkScopeRequest(
                scope: scope, address: link.address, options: link.options, credential: link.credential,
                initialManagePrincipal: initialManagePrincipal)
        }
        guard
            backendType == "AZURE_KEYVAULT", let azureKeyVault, let resourceID = azureKeyVault.resourceID,
            let name = azureKeyVault.dnsName, !resourceID.isEmpty, !name.isEmpty
        else { return nil }
        return LinkScopeRequest(
            scope: scope,
            address: name.contains("://") ? name : "https://" + name,
            options: ["resource-id": resourceID, "auth": "auto"],
            initialManagePrincipal: initialManagePrincipal
        )
    }

    fileprivate func validateBackend() throws(ScopeError) {
        guard isWellFormed else {
            throw ScopeError(
                .invalidParameterValue, "link and backend_azure_keyvault exclude each other. Leave out one of them.")
        }
        if let azureKeyVault {
            let missing = [
                ("resource_id", azureKeyVault.resourceID), ("dns_name", azureKeyVault.dnsName),
            ].filter { $0.1?.isEmpty ?? true }.map { "backend_azure_keyvault.\($0.0)" }
            guard missing.isEmpty else {
                throw ScopeError(.invalidParameterValue, "Missing required fields: \(missing.joined(separator: ", "))")
            }
        }
        switch backendType {
        case nil, "", "DATABRICKS": return
        case "AZURE_KEYVAULT":
            guard azureKeyVault != nil else {
                throw ScopeError(.invalidParameterValue, "Missing required fields: backend_azure_keyvault")
            }
        default:
            throw ScopeError(
                .invalidParameterValue, "The scope_backend_type is unknown. Use DATABRICKS or AZURE_KEYVAULT.")
        }
    }
}
