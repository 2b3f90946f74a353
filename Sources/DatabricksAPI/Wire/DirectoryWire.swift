internal import SecretJSON
public import SecretScopes

/// The collections of principals, as SCIM knows them.
public enum DirectoryEndpoint: String, Sendable, Hashable, CaseIterable {
    case users = "Users"
    case groups = "Groups"
    case servicePrincipals = "ServicePrincipals"

    private static let prefix = "/api/2.0/preview/scim/v2/"

    /// The collection's path.
    public var path: String { Self.prefix + rawValue }
    /// The path of one of its principals.
    public var onePath: String { path + "/{id}" }

    /// The path of the principal with the id `id`.
    func path(of id: String) -> String { "\(path)/\(id)" }

    /// The kind of its principals.
    public var kind: PrincipalKind {
        switch self {
        case .users: .user
        case .groups: .group
        case .servicePrincipals: .servicePrincipal
        }
    }

    /// Whether a request's path belongs to one of the collections, whose errors have SCIM's form.
    public static func isDirectory(_ path: String) -> Bool {
        allCases.contains { path == $0.path || path.hasPrefix($0.path + "/") }
    }
}

/// Which part of a collection is asked for.
public struct DirectoryQuery: Sendable, Hashable {
    /// The attribute that is compared, in lower case, and with what.
    public var filter: (attribute: String, value: String)? {
        attribute.map { ($0, value) }
    }
    /// The first principal, from 1.
    public var start: Int
    /// The most principals.
    public var count: Int

    private var attribute: String?
    private var value = ""

    /// Reads a query.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` with `INVALID_PARAMETER_VALUE` when a number is none, or when the filter is
    ///   another than one of the attributes `userName`, `displayName` and `applicationId`, `eq` and a text in quotes.
    public init(query: QueryParameters) throws(ScopeError) {
        self.start = max(1, try Self.number("startIndex", of: query) ?? 1)
        self.count = max(0, try Self.number("count", of: query) ?? 10_000)
        guard let filter = query["filter"] else { return }
        let words = filter.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
        guard
            words.count == 3, ["username", "displayname", "applicationid"].contains(words[0].lowercased()),
            words[1].lowercased() == "eq", words[2].count >= 2, words[2].hasPrefix("\""), words[2].hasSuffix("\""),
            !words[2].dropFirst().dropLast().contains("\"")
        else {
            throw ScopeError(
                .invalidParameterValue,
                "The filter must be like userName eq \"ana@example.com\", or with displayName or applicationId.")
        }
        self.attribute = words[0].lowercased()
        self.value = String(words[2].dropFirst().dropLast())
    }

    /// Whether the filter lets a principal through.
    public func matches(_ principal: Principal) -> Bool {
        guard let filter else { return true }
        let text: String? =
            switch (filter.attribute, principal.kind) {
            case ("username", .user), ("applicationid", .servicePrincipal): principal.name
            case ("displayname", _): principal.displayName
            default: nil
            }
        return text?.lowercased() == filter.value.lowercased()
    }

    private static func number(_ name: String, of query: QueryParameters) throws(ScopeError) -> Int? {
        guard let text = query[name] else { return nil }
        guard let number = Int(text) else {
            throw ScopeError(.invalidParameterValue, "\(name) must be a number.")
        }
        return number
    }
}

/// What making a principal needs.
public struct CreatePrincipalParameters: Sendable, Hashable {
    /// The user name, or the display name of a group or a service principal.
    public var name: String
    /// The ids of a group's members.
    public var members: [PrincipalID]

    /// Creates the parameters.
    public init(name: String, members: [PrincipalID] = []) {
        self.name = name
        self.members = members
    }

    /// The parameters as a request's body for one of the collections, without members.
    public func json(for collection: DirectoryEndpoint) -> [UInt8] {
        .json { json in
            json.member(collection == .users ? "userName" : "displayName", name)
        }
    }

    /// Reads a request's body for one of the collections. Fields that Hush has no use for are ignored; one that would
    /// make the principal another one than was asked for is refused.
    public init(json body: RawSpan, in collection: DirectoryEndpoint) throws(ScopeError) {
        let fields = try JSONFields(parsing: body)
        self.name = try fields.required(collection == .users ? "userName" : "displayName", in: body)
        self.members = []
        guard try fields.truth("active") != false else {
            throw ScopeError(.invalidParameterValue, "A principal is active when it is made.")
        }
        switch collection {
        case .users: return
        case .groups: self.members = try MemberChange.ids(fields.objects("members", in: body) ?? [], in: body)
        case .servicePrincipals:
            guard try fields.text("applicationId", in: body) == nil else {
                throw ScopeError(.invalidParameterValue, "The applicationId is made up by Hush. Leave it out.")
            }
        }
    }
}

/// What a `PATCH` of a user or a service principal says about whether it is active.
enum ActivityChange {
    /// The change as a request's body.
    static func json(isActive: Bool) -> [UInt8] {
        .directoryChange { json in
            json.member("op", "replace")
            json.member("path", "active")
            json.member("value", isActive)
        }
    }
}

/// One change of a group's members.
public enum MemberChange: Sendable, Hashable {
    /// Principals are added.
    case add([PrincipalID])
    /// Principals are removed.
    case remove([PrincipalID])

    /// What is done with a member.
    enum Kind {
        case add
        case remove
    }

    /// The change of one member, named by its id on the wire, as a request's body.
    static func json(_ kind: Kind, wireID: String) -> [UInt8] {
        .directoryChange { json in
            switch kind {
            case .add:
                json.member("op", "add")
                json.member("value") { json in
                    json.member("members", [wireID]) { json, id in json.object { $0.member("value", id) } }
                }
            case .remove:
                json.member("op", "remove")
                json.member("path", "members[value eq \"\(wireID)\"]")
            }
        }
    }

    /// Reads one operation of a `PATCH` of a group.
    static func change(_ operation: JSONFields, in body: RawSpan) throws(ScopeError) -> MemberChange {
        let path = try operation.text("path", in: body)
        switch try operation.required("op", in: body).lowercased() {
        case "add":
            return .add(try members(of: operation, path: path, in: body))
        case "remove":
            if let path, path.hasPrefix("members[value eq \""), path.hasSuffix("\"]") {
                return .remove([try id(String(path.dropFirst(18).dropLast(2)))])
            }
            return .remove(try members(of: operation, path: path, in: body))
        default:
            throw ScopeError(
                .invalidParameterValue, "The op must be add, remove or replace.")
        }
    }

    private static func members(
        of operation: JSONFields, path: String?, in body: RawSpan
    ) throws(ScopeError) -> [PrincipalID] {
        guard path == nil || path == "members" else {
            throw ScopeError(
                .invalidParameterValue, "Only the members of a group can be changed; path must be members.")
        }
        if operation.isArray("value") { return try ids(operation.objects("value", in: body) ?? [], in: body) }
        guard let value = try operation.fields("value", in: body), let objects = try value.objects("members", in: body)
        else { throw .missingField("Operations.value") }
        return try ids(objects, in: body)
    }

    static func ids(_ objects: [JSONFields], in body: RawSpan) throws(ScopeError) -> [PrincipalID] {
        var ids: [PrincipalID] = []
        for object in objects { ids.append(try id(object.required("value", in: body))) }
        return ids
    }

    private static func id(_ text: String) throws(ScopeError) -> PrincipalID {
        guard let id = PrincipalID(text) else {
            throw ScopeError(.invalidParameterValue, "A member is named by its id, as the list shows it.")
        }
        return id
    }
}

extension [UInt8] {
    /// The body of a `PATCH` with one operation, whose members `operation` writes (RFC 7644, section 3.5.2).
    fileprivate static func directoryChange(_ operation: (inout JSONWriter) -> Void) -> [UInt8] {
        .json { json in
            json.member("schemas", ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]) { $0.element($1) }
            json.member("Operations", [()]) { json, _ in json.object(operation) }
        }
    }
}
