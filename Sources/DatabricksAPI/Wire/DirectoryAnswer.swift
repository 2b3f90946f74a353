internal import SecretJSON
public import SecretScopes

/// Principals as SCIM describes them.
public enum DirectoryAnswer {
    /// A part of a collection, in the order that it is given in. Groups of principals and members of groups are told
    /// when one of them is asked for alone.
    public static func list(_ page: [Principal], total: Int, start: Int) -> [UInt8] {
        .json { json in
            json.member("schemas", ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]) { $0.element($1) }
            json.member("totalResults", Int64(total))
            json.member("startIndex", Int64(start))
            json.member("itemsPerPage", Int64(page.count))
            // Clients ask for further pages until there is none; an absent list ends that too.
            guard !page.isEmpty else { return }
            json.member("Resources", page) { json, principal in
                json.object { write(PrincipalRelations(principal: principal, groups: [], members: []), to: &$0) }
            }
        }
    }

    /// One principal.
    public static func principal(_ principal: PrincipalRelations) -> [UInt8] {
        .json { write(principal, to: &$0) }
    }

    /// A refusal. The status is a text: Go's client cannot read a number there.
    public static func error(_ error: ScopeError) -> [UInt8] {
        .json { json in
            json.member("schemas", ["urn:ietf:params:scim:api:messages:2.0:Error"]) { $0.element($1) }
            json.member("detail", error.message)
            json.member("status", String(error.code.httpStatus))
            json.member("scimType", error.code.scimType)
        }
    }

    static func writeAddress(of principal: Principal, to json: inout JSONWriter) {
        guard principal.kind == .user, principal.name.contains("@") else { return }
        json.member("emails", [principal.name]) { json, address in
            json.object { json in
                json.member("value", address)
                json.member("type", "work")
                json.member("primary", true)
            }
        }
    }

    private static func write(_ relations: PrincipalRelations, to json: inout JSONWriter) {
        let principal = relations.principal
        json.member("schemas", ["urn:ietf:params:scim:schemas:core:2.0:\(principal.kind.schema)"]) { $0.element($1) }
        json.member("id", principal.id.description)
        switch principal.kind {
        case .user: json.member("userName", principal.name)
        case .servicePrincipal: json.member("applicationId", principal.name)
        case .group: json.member("meta") { $0.member("resourceType", "WorkspaceGroup") }
        }
        json.member("displayName", principal.displayName)
        if principal.kind != .group { json.member("active", principal.isActive) }
        writeAddress(of: principal, to: &json)
        write("groups", relations.groups, to: &json)
        write("members", relations.members, to: &json)
    }

    private static func write(_ name: StaticString, _ principals: [Principal], to json: inout JSONWriter) {
        guard !principals.isEmpty else { return }
        json.member(name, principals) { json, principal in
            json.object { json in
                json.member("value", principal.id.description)
                json.member("display", principal.displayName)
                json.member("type", "direct")
                json.member("$ref", "\(principal.kind.collection.rawValue)/\(principal.id)")
            }
        }
    }
}

extension PrincipalKind {
    fileprivate var schema: String {
        switch self {
        case .user: "User"
        case .group: "Group"
        case .servicePrincipal: "ServicePrincipal"
        }
    }
}

extension ScopeError.Code {
    /// SCIM's own word for the class of error, where it has one (RFC 7644, section 3.12).
    fileprivate var scimType: String? {
        switch self {
        case .resourceAlreadyExists: "uniqueness"
        case .malformedRequest: "invalidSyntax"
        case .invalidParameterValue: "invalidValue"
        default: nil
        }
    }
}
