internal import SecretJSON
public import SecretMemory
public import SecretScopes

/// The call that makes several changes, all of them or none, which Databricks does not have.
public enum ChangeEndpoint {
    /// Makes the changes.
    public static let apply = "/api/2.0/hush/apply"
    /// The largest request body that is read, in bytes: some hundred thousand changes with small values.
    public static let largestBody = 32 * 1024 * 1024
    /// The refusal of a larger one.
    public static let tooLarge = ScopeError(
        .invalidParameterValue,
        "The changes take more than \(largestBody) bytes, which is the most that a server takes at once. Apply fewer "
            + "manifests at a time, or all of them on the machine with the workspace.")
}

/// Several changes in the form of a request's body, and the answer.
///
/// ```json
/// {"changes": [
///   {"change": "create_principal", "kind": "service principal", "name": "nightly"},
///   {"change": "add_group_member", "created_principal": 0, "group": "analysts"},
///   {"change": "create_scope", "scope": "payments"},
///   {"change": "set_redaction", "scope": "payments", "minimum_redaction": "strict", "previous": "literal"},
///   {"change": "put_acl", "scope": "payments", "principal": "analysts", "permission": "READ", "previous": "WRITE"},
///   {"change": "delete_acl", "scope": "payments", "principal": "bob@example.com", "previous": "READ"},
///   {"change": "put_secret", "scope": "payments", "key": "api-key", "bytes_value": "…", "previous": "0f…"},
///   {"change": "delete_secret", "scope": "payments", "key": "old", "previous": "0f…"}
/// ]}
/// ```
///
/// `previous` is what must be there: a level, a permission or the id of a secret's version; left out, nothing may be.
public enum ChangeWire {
    /// Reads a request's body; the values go straight from there into memory of `pool`. Throws as
    /// ``ScopeParameters/init(json:)`` does. Overwriting the body is up to the caller.
    public static func changes(json body: RawSpan, pool: SecretPool) throws(ScopeError) -> [WorkspaceChange] {
        guard let objects = try JSONFields(parsing: body).objects("changes", in: body) else {
            throw .missingField("changes")
        }
        var changes: [WorkspaceChange] = []
        changes.reserveCapacity(objects.count)
        for object in objects { changes.append(try change(object, body, pool)) }
        return changes
    }

    private static func change(
        _ fields: JSONFields, _ body: RawSpan, _ pool: SecretPool
    ) throws(ScopeError) -> WorkspaceChange {
        func text(_ name: String) throws(ScopeError) -> String { try fields.required(name, in: body) }
        switch try text("change") {
        case "create_principal":
            let kind = try text("kind")
            guard let kind = PrincipalKind.allCases.first(where: { $0.description == kind }) else {
                throw ScopeError(.invalidParameterValue, "changes.kind must be user, group or service principal.")
            }
            return .createPrincipal(kind: kind, name: try text("name"))
        case "add_group_member":
            return .addGroupMember(try principal(fields, body), group: try text("group"))
        case "create_scope":
            return .createScope(try text("scope"), grantsManage: try fields.truth("grants_manage") ?? true)
        case "set_redaction":
            guard
                let level = MinimumRedaction(named: try text("minimum_redaction")),
                let previous = MinimumRedaction(named: try text("previous"))
            else {
                throw ScopeError(
                    .invalidParameterValue,
                    "changes.minimum_redaction and changes.previous must be literal, encoded or strict.")
            }
            return .setMinimumRedaction(level, scope: try text("scope"), previous: previous)
        case "put_acl":
            return .putACL(
                scope: try text("scope"), principal: try principal(fields, body),
                permission: try permission(text("permission")),
                previous: try fields.text("previous", in: body).map(permission))
        case "delete_acl":
            return .deleteACL(
                scope: try text("scope"), principal: try text("principal"),
                previous: try permission(text("previous")))
        case "put_secret":
            guard let encoded = try fields.secret("bytes_value", in: body, pool: pool) else {
                throw .missingField("changes.bytes_value")
            }
            guard let value = encoded.withBytes({ Base64.decode($0, in: pool) }) else {
                throw ScopeError(.invalidParameterValue, "changes.bytes_value is not valid base64.")
            }
            return .putSecret(
                scope: try text("scope"), key: try text("key"), value: value,
                previous: try fields.text("previous", in: body).map(version))
        case "delete_secret":
            return .deleteSecret(
                scope: try text("scope"), key: try text("key"), previous: try version(text("previous")))
        default:
            throw ScopeError(.invalidParameterValue, "changes.change is unknown. One is put_secret, for example.")
        }
    }

    private static func principal(
        _ fields: JSONFields, _ body: RawSpan
    ) throws(ScopeError) -> WorkspaceChange.PrincipalReference {
        if let index = try fields.integer("created_principal", in: body) {
            guard let index = Int32(exactly: index), index >= 0 else {
                throw ScopeError(.invalidParameterValue, "changes.created_principal must be a change's index.")
            }
            return .created(by: Int(index))
        }
        return .named(try fields.required("principal", in: body))
    }

    private static func permission(_ text: String) throws(ScopeError) -> Permission {
        guard let permission = Permission(named: text) else {
            throw ScopeError(.invalidParameterValue, "A permission is unknown. Use READ, WRITE or MANAGE.")
        }
        return permission
    }

    static func version(_ text: String) throws(ScopeError) -> VersionID {
        guard let id = VersionID(text) else {
            throw ScopeError(.invalidParameterValue, "A version's id must have 32 hexadecimal digits.")
        }
        return id
    }

    /// Appends the changes as a body.
    ///
    /// - Throws: ``ChangeEndpoint/tooLarge`` when a server would not read it.
    public static func append(
        _ changes: [WorkspaceChange], to body: inout SecretBuffer, pool: SecretPool
    ) throws(ScopeError) {
        body.append(text: "{\"changes\":[")
        for (index, change) in changes.enumerated() {
            guard body.count <= ChangeEndpoint.largestBody else { throw ChangeEndpoint.tooLarge }
            if index > 0 { body.append(text: ",") }
            guard case .putSecret(let scope, let key, let value, let previous) = change else {
                body.append([UInt8].json { write(change, to: &$0) }.span.bytes)
                continue
            }
            body.append(text: "{\"change\":\"put_secret\",\"scope\":")
            body.appendJSONString(scope)
            body.append(text: ",\"key\":")
            body.appendJSONString(key)
            if let previous { body.append(text: ",\"previous\":\"\(previous)\"") }
            body.append(text: ",\"bytes_value\":\"")
            value.withBytes { Base64.encode($0, in: pool) }.withBytes { body.append($0) }
            body.append(text: "\"}")
        }
        body.append(text: "]}")
    }

    /// What holds no value.
    private static func write(_ change: WorkspaceChange, to json: inout JSONWriter) {
        func write(_ reference: WorkspaceChange.PrincipalReference) {
            switch reference {
            case .named(let name): json.member("principal", name)
            case .created(let index): json.member("created_principal", Int64(index))
            }
        }
        switch change {
        case .createPrincipal(let kind, let name):
            json.member("change", "create_principal")
            json.member("kind", kind.description)
            json.member("name", name)
        case .addGroupMember(let member, let group):
            json.member("change", "add_group_member")
            write(member)
            json.member("group", group)
        case .createScope(let scope, let grantsManage):
            json.member("change", "create_scope")
            json.member("scope", scope)
            json.member("grants_manage", grantsManage)
        case .setMinimumRedaction(let level, let scope, let previous):
            json.member("change", "set_redaction")
            json.member("scope", scope)
            json.member("minimum_redaction", level.description)
            json.member("previous", previous.description)
        case .putACL(let scope, let principal, let permission, let previous):
            json.member("change", "put_acl")
            json.member("scope", scope)
            write(principal)
            json.member("permission", permission.description)
            json.member("previous", previous?.description)
        case .deleteACL(let scope, let principal, let previous):
            json.member("change", "delete_acl")
            json.member("scope", scope)
            json.member("principal", principal)
            json.member("previous", previous.description)
        case .deleteSecret(let scope, let key, let previous):
            json.member("change", "delete_secret")
            json.member("scope", scope)
            json.member("key", key)
            json.member("previous", previous.description)
        case .putSecret:
            preconditionFailure("a change with a value is written into secret memory")
        }
    }

    /// What became of the changes.
    public static func answer(_ applied: AppliedChanges) -> [UInt8] {
        .json { json in
            json.member("apply_id", applied.id)
            json.member("created_principals", applied.principals.sorted { $0.key < $1.key }) { json, principal in
                json.object { json in
                    json.member("change", Int64(principal.key))
                    json.member("name", principal.value)
                }
            }
        }
    }
}
