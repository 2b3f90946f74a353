/// Who may do what with a scope, and why, on behalf of one caller, who needs MANAGE on the scope.
///
/// Databricks knows no such call. Every call leaves one audit event, granted or refused.
/// Every method throws ``ScopeError``.
public protocol AccessService: Sendable {
    /// What a principal may do with a scope, and through which grants; of a group, what its members may do through it.
    func access(of principal: String, to scope: String) async throws -> ScopeAccess
    /// Everybody who may read a scope's secrets at this moment, by name: users and service principals, with groups
    /// resolved, the administrators among them.
    func access(to scope: String) async throws -> [ScopeAccess]
}

/// All services of a workspace that is open in this process: those that a server offers, and those without a form on the
/// wire.
public typealias EmbeddedServices = WorkspaceServices & AccessService

/// What one principal may do with one scope, and why.
public struct ScopeAccess: Sendable, Hashable {
    /// Something that gives the principal a permission.
    public struct Reason: Sendable, Hashable {
        /// What it gives.
        public var permission: Permission
        /// The names of the groups that lead to it: first one that holds the principal itself, last the one that it was
        /// given to. Empty when it was given to the principal itself. Of several ways the shortest.
        public var path: [String]
        /// Whether it is not a grant but that administrators may do everything; the path then ends with `admins`.
        public var isAdministration: Bool

        /// Creates a reason.
        public init(permission: Permission, path: [String], isAdministration: Bool) {
            self.permission = permission
            self.path = path
            self.isAdministration = isAdministration
        }
    }

    /// The scope's name, in the case it was made with.
    public var scope: String
    /// The principal.
    public var principal: Principal
    /// The strongest permission that it has; `nil` when it has none, or may do nothing because it is not active.
    public var permission: Permission?
    /// Everything that gives it a permission, or would if it were active: the strongest first, then the shortest path.
    public var reasons: [Reason]

    /// Creates a description.
    public init(scope: String, principal: Principal, permission: Permission?, reasons: [Reason]) {
        self.scope = scope
        self.principal = principal
        self.permission = permission
        self.reasons = reasons
    }
}
