internal import SecretMemory
public import SecretScopes

extension DatabricksClient: IdentityService {
    /// Whom the credential stands for.
    public func currentPrincipal() async throws -> Principal {
        try await caller().principal
    }

    /// Whom the credential stands for, and the number by which Databricks clients know the workspace.
    public func caller() async throws -> (principal: Principal, workspaceNumber: Int64) {
        let answer = try await call("GET", Endpoint.currentPrincipal.path)
        let principal = try decode(answer) { body throws(AnswerNotUnderstood) in
            try AnswerDecoding.member(body, in: .users).principal
        }
        return (principal, answer.headers["x-databricks-org-id"].flatMap { Int64($0) } ?? 0)
    }

    /// Creates a principal. A service principal gets `name` as display name; the server makes up its application id.
    public func createPrincipal(kind: PrincipalKind, name: String) async throws -> Principal {
        let body = CreatePrincipalParameters(name: name).json(for: kind.collection)
        let answer = try await call("POST", kind.collection.path, body: body)
        return try decode(answer) { body throws(AnswerNotUnderstood) in
            try AnswerDecoding.member(body, in: kind.collection).principal
        }
    }

    /// Deletes a principal.
    public func deletePrincipal(kind: PrincipalKind, name: String) async throws {
        let found = try await found(kind, named: name)
        _ = try await call("DELETE", kind.collection.path(of: found.wireID))
    }

    /// Makes a user or a service principal inactive, or active again.
    public func setActive(_ isActive: Bool, kind: PrincipalKind, name: String) async throws {
        let found = try await found(kind, named: name)
        let body = ActivityChange.json(isActive: isActive)
        _ = try await call("PATCH", kind.collection.path(of: found.wireID), body: body)
    }

    /// Lists all principals of a kind by name.
    public func listPrincipals(kind: PrincipalKind) async throws -> [Principal] {
        try await list(kind).map(\.principal)
    }

    /// The direct members of a group by name.
    public func groupMembers(_ group: String) async throws -> [Principal] {
        try await relations(of: found(.group, named: group)).members
    }

    /// Adds a principal to a group; adding it again changes nothing.
    public func addGroupMember(_ member: String, to group: String) async throws {
        try await change(.add, member, of: group)
    }

    /// Removes a principal from a group.
    public func removeGroupMember(_ member: String, from group: String) async throws {
        try await change(.remove, member, of: group)
    }

    /// A principal with its groups and, when it is a group, its members.
    public func principal(_ id: PrincipalID) async throws -> PrincipalRelations {
        for kind in PrincipalKind.allCases {
            guard let found = try await list(kind).first(where: { $0.principal.id == id }) else { continue }
            return try await relations(of: found)
        }
        throw ScopeError(.resourceDoesNotExist, "There is no principal with the id \(id).")
    }

    private func change(_ kind: MemberChange.Kind, _ member: String, of group: String) async throws {
        let group = try await found(.group, named: group)
        guard let member = try await findOfAnyKind(named: member) else {
            switch kind {
            case .add:
                throw ScopeError(
                    .invalidParameterValue, "There is no user, group or service principal \(member). Create it first.")
            case .remove:
                throw ScopeError(
                    .resourceDoesNotExist, "\(member) is not a member of the group \(group.principal.name).")
            }
        }
        let body = MemberChange.json(kind, wireID: member.wireID)
        _ = try await call("PATCH", DirectoryEndpoint.groups.path(of: group.wireID), body: body)
    }

    /// The principal with those it is directly related to. The wire tells their ids and display names alone; the rest is
    /// looked up, a kind at a time.
    private func relations(of found: DirectoryMember) async throws -> PrincipalRelations {
        let collection = found.principal.kind.collection
        let answer = try await call("GET", collection.path(of: found.wireID))
        let links = try decode(answer) { body throws(AnswerNotUnderstood) in
            try AnswerDecoding.member(body, in: collection)
        }
        var known: [String: Principal] = [:]
        for kind in Set((links.groups + links.members).map(\.kind)) {
            for member in try await list(kind) { known[member.wireID] = member.principal }
        }
        func principals(_ links: [DirectoryMember.Link]) -> [Principal] {
            links.compactMap { known[$0.wireID] }.sorted { $0.name.lowercased() < $1.name.lowercased() }
        }
        return PrincipalRelations(
            principal: found.principal, groups: principals(links.groups), members: principals(links.members))
    }

    /// All principals of a kind, page by page, as long as a page brings something.
    private func list(_ kind: PrincipalKind, filter: String? = nil) async throws -> [DirectoryMember] {
        var all: [DirectoryMember] = []
        while true {
            var query = ["startIndex": String(all.count + 1)]
            query["filter"] = filter
            let answer = try await call("GET", kind.collection.path, query: QueryParameters(query))
            let page = try decode(answer) { body throws(AnswerNotUnderstood) in
                try AnswerDecoding.page(body, in: kind.collection)
            }
            all += page.members
            if page.members.isEmpty || all.count >= page.total { return all }
        }
    }

    /// The principal of that kind and name, which a server's filter finds whatever its case.
    private func find(_ kind: PrincipalKind, named name: String) async throws -> DirectoryMember? {
        // A filter cannot hold it, and no name can.
        guard !name.contains("\"") else { return nil }
        let attribute =
            switch kind {
            case .user: "userName"
            case .group: "displayName"
            case .servicePrincipal: "applicationId"
            }
        return try await list(kind, filter: "\(attribute) eq \"\(name)\"").first
    }

    func found(_ kind: PrincipalKind, named name: String) async throws -> DirectoryMember {
        guard let found = try await find(kind, named: name) else {
            throw ScopeError.noPrincipal(kind, named: name)
        }
        return found
    }

    private func findOfAnyKind(named name: String) async throws -> DirectoryMember? {
        for kind in PrincipalKind.allCases {
            if let found = try await find(kind, named: name) { return found }
        }
        return nil
    }
}

extension PrincipalKind {
    /// Where the directory has principals of this kind.
    var collection: DirectoryEndpoint {
        switch self {
        case .user: .users
        case .group: .groups
        case .servicePrincipal: .servicePrincipals
        }
    }
}
