internal import SecretJSON
public import SecretScopes

/// What a request changes of a user or a service principal.
public struct PrincipalChange: Sendable, Hashable {
    /// The name by which clients may name the principal in a `PUT`: its user name or application id.
    public var name: String?
    /// The new display name; `nil` when it stays.
    public var displayName: String?
    /// Whether it is active from now on; `nil` when that stays.
    public var isActive: Bool?

    /// Reads the body of a `PATCH`.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` with `INVALID_PARAMETER_VALUE` when it would change anything else.
    public init(patch body: RawSpan) throws(ScopeError) {
        let fields = try JSONFields(parsing: body)
        guard let operations = try fields.objects("Operations", in: body) else { throw .missingField("Operations") }
        for operation in operations {
            let kind = try operation.required("op", in: body).lowercased()
            guard kind == "replace" || kind == "add" else { throw Self.onlyThese }
            switch try operation.text("path", in: body) {
            case "active": isActive = try operation.truth("value")
            case "displayName": displayName = try operation.required("value", in: body)
            case nil:
                guard
                    let value = try operation.fields("value", in: body),
                    value.names.isSubset(of: ["active", "displayName"])
                else { throw Self.onlyThese }
                isActive = try value.truth("active") ?? isActive
                displayName = try value.text("displayName", in: body) ?? displayName
            default: throw Self.onlyThese
            }
        }
        guard isActive != nil || displayName != nil else { throw Self.onlyThese }
    }

    /// Reads the body of a `PUT` of a principal of one of the collections. Fields that Hush has no use for are ignored.
    public init(put body: RawSpan, in collection: DirectoryEndpoint) throws(ScopeError) {
        let fields = try JSONFields(parsing: body)
        self.name = try fields.text(collection == .users ? "userName" : "applicationId", in: body)
        self.displayName = try fields.text("displayName", in: body)
        self.isActive = try fields.truth("active")
    }

    private static var onlyThese: ScopeError {
        ScopeError(.invalidParameterValue, "Only active and displayName can be changed, by op replace.")
    }
}

/// One change of a group.
public enum GroupChange: Sendable, Hashable {
    /// The group gets another name.
    case rename(String)
    /// Members come or go.
    case members(MemberChange)
    /// The group has these members from now on and no others.
    case replaceMembers([PrincipalID])

    /// Reads the body of a `PATCH`.
    public static func changes(patch body: RawSpan) throws(ScopeError) -> [GroupChange] {
        let fields = try JSONFields(parsing: body)
        guard let operations = try fields.objects("Operations", in: body) else { throw .missingField("Operations") }
        var changes: [GroupChange] = []
        for operation in operations {
            if try operation.required("op", in: body).lowercased() == "replace" {
                changes += try replacements(operation, in: body)
            } else {
                changes.append(.members(try MemberChange.change(operation, in: body)))
            }
        }
        return changes
    }

    /// Reads the body of a `PUT`, which says what the group is from now on: one without members has none.
    public static func changes(put body: RawSpan) throws(ScopeError) -> [GroupChange] {
        let fields = try JSONFields(parsing: body)
        let name = try fields.text("displayName", in: body)
        let members = try MemberChange.ids(fields.objects("members", in: body) ?? [], in: body)
        return (name.map { [.rename($0)] } ?? []) + [.replaceMembers(members)]
    }

    private static func replacements(
        _ operation: JSONFields, in body: RawSpan
    ) throws(ScopeError) -> [GroupChange] {
        switch try operation.text("path", in: body) {
        case "displayName": return [.rename(try operation.required("value", in: body))]
        case "members":
            return [.replaceMembers(try MemberChange.ids(operation.objects("value", in: body) ?? [], in: body))]
        case nil:
            guard
                let value = try operation.fields("value", in: body), !value.names.isEmpty,
                value.names.isSubset(of: ["displayName", "members"])
            else { break }
            var changes: [GroupChange] = []
            if let name = try value.text("displayName", in: body) { changes.append(.rename(name)) }
            if let members = try value.objects("members", in: body) {
                changes.append(.replaceMembers(try MemberChange.ids(members, in: body)))
            }
            return changes
        default: break
        }
        throw ScopeError(.invalidParameterValue, "Only displayName and members of a group can be replaced.")
    }
}
