extension ScopeSession: LinkService {
    /// Creates a scope that is linked to a vault, or links a scope that is there. Needs an administrator.
    public func linkScope(_ request: LinkScopeRequest) async throws {
        try await link(request, onlyIfNew: false)
    }

    /// Creates a linked scope, as `createScope` does: one that is there is refused.
    func linkNewScope(_ request: LinkScopeRequest) async throws {
        try await link(request, onlyIfNew: true)
    }

    private func link(_ request: LinkScopeRequest, onlyIfNew: Bool) async throws {
        let parameters: [(name: String, value: String?)] = [
            ("address", request.address), ("link_credential", request.credential),
            ("initial_manage_principal", request.initialManagePrincipal),
        ]
        let random = engine.random
        let operation = onlyIfNew ? Operation.createScope : .linkScope
        let proposal = propose(request, as: operation)
        let linked = try await perform(operation, scope: request.scope, parameters: parameters) { context in
            let creator = try context.authorizeAdministrator()
            let name = try ScopeName(validating: request.scope)
            let present = try context.view.scope(name)
            guard !onlyIfNew || present == nil else {
                throw ScopeError(.resourceAlreadyExists, "Scope \(name) already exists!")
            }
            let checked = try proposal.link.get()
            guard proposal.previous == present?.link else {
                throw ScopeError(.aborted, "The link of scope \(name) was changed at the same time. Try again.")
            }
            if case .secret(let scope, let key) = checked.credential {
                try context.checkCredential(scope, key, of: creator, for: name)
            }
            let link = ScopeLink(
                kind: checked.kind, address: checked.address, options: checked.options, credential: checked.credential,
                owner: creator.row.id, usesMachine: checked.usesMachine)
            var row: ScopeRow
            if let present {
                context.event.subject.scope = present.name.rawValue
                context.event.subject.scopeID = present.row.id
                if present.link == nil, try context.reader.secretCount(in: present.row.id) > 0 {
                    throw ScopeError(
                        .invalidState,
                        "Scope \(present.name) has secrets of its own. Link another scope, or delete them first.")
                }
                row = present.row
            } else {
                row = try context.newScopeRow(name, creator: creator, random: random)
            }
            row.backend = checked.kind.backend
            var settings = try ScopeSettings(of: row)
            settings.link = link
            row.settings = settings.bytes
            try context.save(row, named: present?.name ?? name)
            if present == nil {
                let manager = try CreateScopeRequest.manager(request.initialManagePrincipal, creator: creator.row.id)
                try context.save(GrantRow(scope: row.id, principal: manager, permission: .manage), in: name)
            }
            return row.id
        }
        engine.vaults.forget(linked)
    }

    /// What a request to link comes to.
    private struct LinkProposal: Sendable {
        /// What the scope was linked to then.
        var previous: ScopeLink?
        var link: Result<ValidatedLink, any Error>
    }

    /// Looks at a request before its transaction, which waits for no file, and only for those who may link.
    private func propose(_ request: LinkScopeRequest, as operation: Operation) -> LinkProposal {
        do {
            let previous = try engine.lookUp { view in
                let principal = try Decision.authority(
                    of: caller,
                    principal: try view.principal(caller.principal),
                    holder: try caller.holder.flatMap { try view.principal($0) },
                    credential: try caller.credential.flatMap { try view.credential($0) },
                    for: operation,
                    at: engine.clock.now()
                )
                try Decision.requireAdministrator(principal, for: operation)
                return try view.scope(ScopeName(validating: request.scope))?.link
            }
            return LinkProposal(
                previous: previous,
                link: Result {
                    var request = request
                    try request.keepCredential(of: previous, by: engine.vaults)
                    return try engine.vaults.validate(request)
                })
        } catch {
            return LinkProposal(previous: nil, link: .failure(error))
        }
    }

    /// Makes a linked scope a native one without secrets. Needs MANAGE.
    public func unlinkScope(_ scope: String) async throws {
        let unlinked = try await perform(.unlinkScope, scope: scope) { context in
            let principal = try context.authorize()
            let scope = try context.scope(scope, requiring: .manage, for: principal)
            guard scope.link != nil else {
                throw ScopeError(.invalidState, "Scope \(scope.name) is not linked to a vault.")
            }
            var row = scope.row
            var settings = try ScopeSettings(of: row)
            settings.link = nil
            row.settings = settings.bytes
            row.backend = .native
            try context.save(row, named: scope.name)
            return row.id
        }
        engine.vaults.forget(unlinked)
    }

    /// What a scope is linked to. Needs READ.
    public func scopeLink(of scope: String) async throws -> ScopeLinkDescription? {
        try await perform(.getScopeLink, scope: scope) { context in
            let principal = try context.authorize()
            let scope = try context.scope(scope, requiring: .read, for: principal)
            return try scope.link.map { link in
                ScopeLinkDescription(link, owner: try context.view.principal(link.owner)?.row.name)
            }
        }
    }

    /// Tries a link step by step. Needs MANAGE.
    public func checkLink(of scope: String) async throws -> [LinkCheckStep] {
        if let name = ScopeName(rawValue: scope), let steps = try await checkLinked(scope: name) { return steps }
        return try await perform(.checkScopeLink, scope: scope) { context in
            let principal = try context.authorize()
            let scope = try context.scope(scope, requiring: .manage, for: principal)
            throw ScopeError(
                .invalidState, "Scope \(scope.name) is not linked to a vault, so there is nothing to check.")
        }
    }
}

extension ScopeLinkDescription {
    init(_ link: ScopeLink, owner: String?) {
        self.init(
            kind: link.kind, address: link.address, options: link.options, credential: link.credential?.description,
            owner: owner, isWritable: link.options["writable"] == "true")
    }
}

extension LinkScopeRequest {
    /// A scope that is linked anew keeps its credential unless another one is told, but only as long as it is for the same
    /// vault: whoever changes the address must not send somebody's credential there.
    fileprivate mutating func keepCredential(of link: ScopeLink?, by vaults: any LinkedVaults) throws(ScopeError) {
        guard credential == nil, let link, let known = link.credential?.description else { return }
        var kept = self
        kept.credential = known
        guard
            let before = try? vaults.validate(
                LinkScopeRequest(scope: scope, address: link.address, options: link.options, credential: known)),
            let after = try? vaults.validate(kept), before.authority == after.authority
        else { return }
        credential = known
    }
}

extension OperationContext {
    /// Throws unless the credential that a link names is there, in a native scope, and its owner may read it.
    fileprivate func checkCredential(
        _ scopeName: ScopeName, _ key: SecretName, of owner: PrincipalEntry, for linked: ScopeName
    ) throws {
        guard scopeName != linked else {
            throw ScopeError(
                .invalidParameterValue, "The credential of scope \(linked)'s link cannot stand in that scope itself.")
        }
        guard let scope = try view.scope(scopeName) else {
            throw ScopeError(
                .resourceDoesNotExist, "The link's credential is to be in scope \(scopeName), which does not exist.")
        }
        guard scope.link == nil else {
            throw ScopeError(
                .invalidParameterValue,
                "The link's credential is to be in scope \(scopeName), which is a linked one itself. Use a native scope."
            )
        }
        try Decision.require(.read, of: owner, on: scope)
        guard try view.secret(key, in: scope) != nil else {
            throw ScopeError(
                .resourceDoesNotExist,
                "The link's credential is to be in key \(key) of scope \(scopeName), which does not exist. Put it first."
            )
        }
    }
}
