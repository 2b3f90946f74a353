import SecretCrypto

extension ScopeSession: IdentityService {
    /// Who the caller is.
    public func currentPrincipal() async throws -> Principal {
        try await perform(.currentPrincipal) { try $0.authorize().row.principal }
    }

    /// Creates a principal. A service principal gets `name` as display name and a random application id.
    public func createPrincipal(kind: PrincipalKind, name text: String) async throws -> Principal {
        try await perform(.createPrincipal(kind: kind, name: text, random: engine.random))
    }

    /// Deletes a principal with its grants, memberships and tokens.
    public func deletePrincipal(kind: PrincipalKind, name text: String) async throws {
        let parameters = [("kind", kind.description), ("name", text)]
        try await perform(.deletePrincipal, parameters: parameters) { [engine] context in
            _ = try context.authorizeAdministrator()
            let row = try context.principal(kind: kind, named: text)
            guard row.id != .everybody, row.id != .administrators else {
                throw ScopeError(.badRequest, "The group \(row.name) is reserved and cannot be deleted.")
            }
            context.event.parameters.append(.init(name: "principal_id", value: row.id.description))
            try context.keepingAdministrator(engine.localAdministrator) { try context.deleteEverything(of: row) }
        }
    }

    /// Makes a user or a service principal inactive, so that its very next call is refused, or active again.
    public func setActive(_ isActive: Bool, kind: PrincipalKind, name text: String) async throws {
        let parameters = [("kind", kind.description), ("name", text)]
        let operation = isActive ? Operation.activatePrincipal : .deactivatePrincipal
        try await perform(operation, parameters: parameters) { [engine] context in
            _ = try context.authorizeAdministrator()
            guard kind != .group else {
                throw ScopeError(
                    .invalidParameterValue, "A group does nothing itself. Deactivate its members, or remove them.")
            }
            var row = try context.principal(kind: kind, named: text)
            context.event.parameters.append(.init(name: "principal_id", value: row.id.description))
            guard row.isActive != isActive else { return }
            row.isActive = isActive
            try context.keepingAdministrator(engine.localAdministrator) { [row] in try context.save(row) }
        }
    }

    /// Lists all principals of a kind by name.
    public func listPrincipals(kind: PrincipalKind) async throws -> [Principal] {
        try await perform(.listPrincipals, parameters: [("kind", kind.description)]) { context in
            _ = try context.authorizeAdministrator()
            return try context.reader.principals(of: kind).map { row in
                try context.keys.verify(row)
                return row.principal
            }
        }
    }

    /// A principal with the groups that directly contain it and, when it is a group, its direct members.
    public func principal(_ id: PrincipalID) async throws -> PrincipalRelations {
        try await perform(.getPrincipal, parameters: [("principal_id", id.description)]) { context in
            _ = try context.authorizeAdministrator()
            guard let row = try context.reader.principal(id) else {
                throw ScopeError(.resourceDoesNotExist, "There is no principal with the id \(id).")
            }
            try context.keys.verify(row)
            let groups = try context.reader.memberships(of: id).map { membership in
                try context.related(membership.group, through: membership)
            }
            let members: [Principal]
            if id == .everybody {
                members = try context.everybody()
            } else {
                members = try context.reader.members(of: id).map { membership in
                    try context.related(membership.member, through: membership)
                }
            }
            return PrincipalRelations(
                principal: row.principal, groups: groups.sortedByName(), members: members.sortedByName())
        }
    }

    /// The direct members of a group by name.
    public func groupMembers(_ group: String) async throws -> [Principal] {
        try await perform(.getGroup, parameters: [("group", group)]) { context in
            _ = try context.authorizeAdministrator()
            let row = try context.principal(kind: .group, named: group)
            guard row.id != .everybody else { return try context.everybody() }
            return try context.reader.members(of: row.id).map { membership in
                try context.related(membership.member, through: membership)
            }.sortedByName()
        }
    }

    /// Adds a principal to a group; adding it again changes nothing.
    public func addGroupMember(_ member: String, to group: String) async throws {
        try await perform(.addGroupMember(member, to: group))
    }

    /// Removes a principal from a group.
    public func removeGroupMember(_ member: String, from group: String) async throws {
        let parameters = [("group", group), ("member", member)]
        try await perform(.removeGroupMember, parameters: parameters) { [engine] context in
            _ = try context.authorizeAdministrator()
            let row = try context.principal(kind: .group, named: group)
            guard row.id != .everybody else {
                throw ScopeError(.badRequest, "Everybody belongs to the group users; nobody can be removed from it.")
            }
            let name = try PrincipalName(validating: member)
            guard
                let former = try context.view.principal(named: name),
                try context.reader.memberships(of: former.id).contains(where: { $0.group == row.id })
            else {
                throw ScopeError(.resourceDoesNotExist, "\(name) is not a member of the group \(row.name).")
            }
            try context.keepingAdministrator(engine.localAdministrator) {
                try context.delete(MembershipRow(group: row.id, member: former.id))
            }
        }
    }
}

extension EngineCall<Principal> {
    /// Creates a principal.
    ///
    /// - Parameter isOnlyOne: Whether it is refused when a service principal has that display name already.
    static func createPrincipal(
        kind: PrincipalKind, name text: String, isOnlyOne: Bool = false, random: any RandomSource
    ) -> Self {
        let parameters: [(name: String, value: String?)] = [("kind", kind.description), ("name", text)]
        return Self(.createPrincipal, parameters: parameters) { context in
            _ = try context.authorizeAdministrator()
            let displayName = try PrincipalName(validating: text)
            let id = PrincipalID(random: random)
            let name = kind == .servicePrincipal ? PrincipalName.applicationID(of: id) : displayName
            if let taken = try context.view.principal(named: name) {
                throw ScopeError(
                    .resourceAlreadyExists,
                    "There is a \(taken.kind) \(taken.name) already. Users, groups and service principals share one "
                        + "set of names."
                )
            }
            if isOnlyOne, kind == .servicePrincipal {
                let taken = try context.reader.principals(of: kind).first {
                    $0.displayName.lowercased() == displayName.folded
                }
                try Expectation<PrincipalID>.exactly(nil).check(taken?.id, "The service principal \(displayName)")
            }
            let row = PrincipalRow(
                id: id,
                kind: kind,
                name: name.rawValue,
                displayName: displayName.rawValue,
                isActive: true,
                created: context.now
            )
            context.event.parameters.append(.init(name: "principal_id", value: id.description))
            try context.save(row)
            return row.principal
        }
    }
}

extension EngineCall<Void> {
    /// Adds a principal to a group, unless it is a member already.
    static func addGroupMember(_ member: String, to group: String) -> Self {
        Self(.addGroupMember, parameters: [("group", group), ("member", member)]) { context in
            _ = try context.authorizeAdministrator()
            let row = try context.principal(kind: .group, named: group)
            guard row.id != .everybody else {
                throw ScopeError(.badRequest, "Everybody belongs to the group users; nobody can be added to it.")
            }
            let new = try context.existingPrincipal(named: PrincipalName(validating: member))
            guard new.id != row.id, new.id != .everybody else {
                throw ScopeError(.invalidParameterValue, "The group \(new.name) cannot be a member of \(row.name).")
            }
            let membership = MembershipRow(group: row.id, member: new.id)
            let isMember = try context.reader.memberships(of: new.id).contains { $0.group == row.id }
            if !isMember { try context.save(membership) }
        }
    }
}

extension [Principal] {
    fileprivate func sortedByName() -> [Principal] {
        sorted { $0.name.lowercased() < $1.name.lowercased() }
    }
}

extension OperationContext {
    /// The principal at one end of a membership.
    fileprivate func related(_ id: PrincipalID, through membership: MembershipRow) throws -> Principal {
        try keys.verify(membership)
        guard let row = try reader.principal(id) else { throw IntegrityError(object: membership.label) }
        try keys.verify(row)
        return row.principal
    }

    /// Does what may take rights away from principals, and refuses it, so that all of it is taken back, unless the local
    /// administrator still is an active administrator afterwards.
    ///
    /// That is the one rule against losing the last administrator. It holds for every way there: deleting or
    /// deactivating the principal, removing it from `admins`, and removing, deleting or emptying the last group that it
    /// belonged to `admins` through. Others may come and go, since there is always this one; and it cannot be another
    /// one, since whoever unwraps the root key acts as this principal.
    fileprivate func keepingAdministrator(_ id: PrincipalID, _ change: () throws -> Void) throws {
        let name = try view.principal(id)?.row.name ?? ""
        try change()
        guard let administrator = try view.principal(id), administrator.row.isActive, administrator.isAdministrator
        else {
            throw ScopeError(
                .badRequest,
                "\(name) is the workspace's local administrator and must stay an active member of the group admins, "
                    + "directly or through a group."
            )
        }
    }

    /// The members of the group `users`, which has no membership rows.
    fileprivate func everybody() throws -> [Principal] {
        try reader.principals(of: nil).filter { $0.kind != .group }.map { row in
            try keys.verify(row)
            return row.principal
        }
    }

    /// The principal of that kind and name.
    fileprivate func principal(kind: PrincipalKind, named text: String) throws -> PrincipalRow {
        let name = try PrincipalName(validating: text)
        guard let row = try view.principal(named: name), row.kind == kind else {
            throw ScopeError.noPrincipal(kind, named: name.description)
        }
        return row
    }

    /// Deletes a principal and every row that refers to it, each of them noted in the event.
    fileprivate func deleteEverything(of principal: PrincipalRow) throws {
        let grants = try reader.grants(to: principal.id)
        let scopes = grants.isEmpty ? [] : try reader.scopes()
        let names = Dictionary(scopes.map { ($0.id, $0.name) }) { first, _ in first }
        for grant in grants {
            guard let name = names[grant.scope] else { throw IntegrityError(object: grant.label) }
            try delete(grant, in: ScopeName(validating: name))
        }
        for membership in try reader.memberships(of: principal.id) + reader.members(of: principal.id) {
            try delete(membership)
        }
        for credential in try reader.credentials(of: principal.id) { try delete(credential) }
        try delete(principal)
    }
}

extension PrincipalName {
    /// A service principal's application id: its id, written as a UUID.
    fileprivate static func applicationID(of id: PrincipalID) -> PrincipalName {
        let digits = Array(id.description)
        let groups = [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20..<32]]
        return PrincipalName(applicationID: groups.map { String($0) }.joined(separator: "-"))
    }
}
