import SecretScopes

/// The rules of who may do what, as naively as they can be written down: no closures, no caches, no ids.
struct NaivePermissions {
    /// Who was deactivated.
    var inactive: Set<String> = []
    /// The direct members of each group.
    var members: [String: Set<String>] = [:]
    /// What was granted on each scope.
    var grants: [String: [String: Permission]] = [:]

    /// Whether a principal belongs to a group, directly or through groups; `path` are the groups that were looked into.
    func belongs(_ principal: String, to group: String, past path: Set<String> = []) -> Bool {
        if group == "users" { return true }
        guard !path.contains(group), let direct = members[group] else { return false }
        return direct.contains(principal)
            || direct.contains { belongs(principal, to: $0, past: path.union([group])) }
    }

    func permission(of principal: String, on scope: String) -> Permission? {
        if belongs(principal, to: "admins") { return .manage }
        return grants[scope, default: [:]].filter { $0.key == principal || belongs(principal, to: $0.key) }.values.max()
    }

    /// Whether a principal may do what needs `permission` on a scope, or needs an administrator when that is `nil`.
    func allows(_ principal: String, _ permission: Permission?, on scope: String) -> Bool {
        if inactive.contains(principal) { return false }
        guard let permission else { return belongs(principal, to: "admins") }
        return self.permission(of: principal, on: scope).map { $0 >= permission } ?? false
    }
}
