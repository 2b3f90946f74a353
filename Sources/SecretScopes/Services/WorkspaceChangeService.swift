public import SecretMemory

/// Several changes of what a workspace itself holds, all of them or none, on behalf of one caller.
///
/// Databricks knows no such call. Each change is decided like the operation that makes it alone and leaves the same
/// event; one more tells of the whole. When one is refused none is made: the record then has the event of the whole and
/// that of the refused change, both with the reason. Every method throws ``ScopeError``.
public protocol WorkspaceChangeService: Sendable {
    /// Makes the changes in one transaction, in their order.
    ///
    /// - Throws: The refusal of the first change that cannot be made, whose message begins with the change's number;
    ///   ``ScopeError`` with `ABORTED` when the workspace is no longer as the change expects.
    func apply(_ changes: [WorkspaceChange]) async throws -> AppliedChanges
}

/// One change, with what was there when it was planned.
public enum WorkspaceChange: Sendable {
    /// A principal, by its name or as what an earlier change of the same apply creates.
    public enum PrincipalReference: Sendable, Hashable {
        /// The name that ACLs and groups know it by.
        case named(String)
        /// What the change at this index, from 0, creates: the application id of a service principal is not known before.
        case created(by: Int)
    }

    /// Creates a principal; there must be none of its name, and no service principal of its display name.
    case createPrincipal(kind: PrincipalKind, name: String)
    /// Adds a principal to a group.
    case addGroupMember(PrincipalReference, group: String)
    /// Creates a native scope; there must be none of its name. Who creates it gets MANAGE only with `grantsManage`,
    /// without which it needs an administrator.
    case createScope(String, grantsManage: Bool)
    /// Sets the least redaction of a scope's values, which must be `previous`.
    case setMinimumRedaction(MinimumRedaction, scope: String, previous: MinimumRedaction)
    /// Grants a permission to who has `previous`.
    case putACL(scope: String, principal: PrincipalReference, permission: Permission, previous: Permission?)
    /// Takes away the permission `previous`.
    case deleteACL(scope: String, principal: String, previous: Permission)
    /// Puts a value where the current version is `previous`, or where there is no secret.
    case putSecret(scope: String, key: String, value: SecretBytes, previous: VersionID?)
    /// Deletes a secret whose current version is `previous`.
    case deleteSecret(scope: String, key: String, previous: VersionID)
}

/// What became of an apply.
public struct AppliedChanges: Sendable, Hashable {
    /// The apply's id, which all of its events have.
    public var id: String
    /// The names of the principals that were created, by the index of the change; of a service principal its application
    /// id.
    public var principals: [Int: String]

    /// Creates an answer.
    public init(id: String, principals: [Int: String] = [:]) {
        self.id = id
        self.principals = principals
    }
}
