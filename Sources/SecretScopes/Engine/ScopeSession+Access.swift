extension ScopeSession: AccessService {
    /// What a principal may do with a scope, and through which grants. Needs MANAGE.
    public func access(of principal: String, to scope: String) async throws -> ScopeAccess {
        try await perform(.queryAccess, scope: scope, parameters: [("principal", principal)]) { context in
            let caller = try context.authorize()
            let name = try PrincipalName(validating: principal)
            let scope = try context.scope(scope, requiring: .manage, for: caller)
            guard let row = try context.view.principal(named: name) else {
                throw ScopeError(.resourceDoesNotExist, "There is no user, group or service principal \(name).")
            }
            return try AccessExplanation(scope: scope, context: context).access(of: row)
        }
    }

    /// Everybody who may read a scope's secrets at this moment. Needs MANAGE.
    public func access(to scope: String) async throws -> [ScopeAccess] {
        try await perform(.queryAccess, scope: scope) { context in
            let caller = try context.authorize()
            let scope = try context.scope(scope, requiring: .manage, for: caller)
            let explanation = try AccessExplanation(scope: scope, context: context)
            return try explanation.principals.filter { $0.kind != .group }
                .map { try explanation.access(of: $0) }
                .filter { $0.permission != nil }
        }
    }
}

/// Says what principals may do with one scope, and why. The permission is the one that ``Decision`` finds for every other
/// call.
private struct AccessExplanation {
    /// All principals, by folded name.
    let principals: [PrincipalRow]
    private let scope: ScopeEntry
    /// Each principal, with its position among all of them.
    private let byID: [PrincipalID: (row: PrincipalRow, position: Int)]
    /// The groups that directly contain a principal, by name.
    private let groups: [PrincipalID: [PrincipalID]]

    /// Reads all principals and memberships at once: asking for each principal's would be slower by far.
    init(scope: ScopeEntry, context: OperationContext) throws {
        let principals = try context.reader.principals(of: nil)
        for row in principals { try context.keys.verify(row) }
        let byID = Dictionary(
            principals.enumerated().map { ($1.id, (row: $1, position: $0)) }, uniquingKeysWith: { first, _ in first })
        var groups: [PrincipalID: [(id: PrincipalID, position: Int)]] = [:]
        for membership in try context.reader.memberships() {
            try context.keys.verify(membership)
            guard let group = byID[membership.group] else { throw IntegrityError(object: membership.label) }
            groups[membership.member, default: []].append((membership.group, group.position))
        }
        self.scope = scope
        self.principals = principals
        self.byID = byID
        self.groups = groups.mapValues { $0.sorted { $0.position < $1.position }.map(\.id) }
    }

    func access(of row: PrincipalRow) throws -> ScopeAccess {
        let paths = GroupPaths(of: row.id) { groups[$0] ?? [] }
        let entry = PrincipalEntry(row: row, identities: paths.identities)
        var reasons = try scope.grants.filter { entry.identities.contains($0.key) }.map { grantee, permission in
            try reason(permission, through: paths.path(to: grantee), isAdministration: false)
        }
        if entry.isAdministrator {
            reasons.append(try reason(.manage, through: paths.path(to: .administrators), isAdministration: true))
        }
        return ScopeAccess(
            scope: scope.name.rawValue,
            principal: row.principal,
            permission: row.isActive ? Decision.permission(of: entry, on: scope) : nil,
            reasons: reasons.sorted { left, right in
                if left.permission != right.permission { return left.permission > right.permission }
                if left.path.count != right.path.count { return left.path.count < right.path.count }
                if left.path != right.path { return left.path.lexicographicallyPrecedes(right.path) }
                return !left.isAdministration && right.isAdministration
            }
        )
    }

    private func reason(
        _ permission: Permission, through path: [PrincipalID], isAdministration: Bool
    ) throws -> ScopeAccess.Reason {
        let names = try path.map { id in
            guard let group = byID[id] else {
                throw IntegrityError(object: "the row of group \(id), which is missing,")
            }
            return group.row.name
        }
        return ScopeAccess.Reason(permission: permission, path: names, isAdministration: isAdministration)
    }
}
