internal import DatabricksAPI
internal import Hummingbird
internal import SecretScopes

/// Users, groups and service principals in the manner of SCIM, for administrators.
struct DirectoryRoutes: Sendable {
    let reception: RequestReception

    func add(to router: some RouterMethods<ScopeRequestContext>) {
        for collection in DirectoryEndpoint.allCases {
            addCollection(collection, to: router)
            addOne(collection, to: router)
        }
        addChanges(of: .users, to: router)
        addChanges(of: .servicePrincipals, to: router)
        addGroupChanges(to: router)
    }

    private func addCollection(_ collection: DirectoryEndpoint, to router: some RouterMethods<ScopeRequestContext>) {
        router.on(RouterPath(collection.path), method: .get) { request, context in
            try await reception.answer(request, context, asking: .listPrincipals, DirectoryQuery.init(query:)) {
                services, query in
                let all = try await services.listPrincipals(kind: collection.kind).filter { query.matches($0) }
                let page = all.dropFirst(query.start - 1).prefix(query.count)
                return .json(DirectoryAnswer.list(Array(page), total: all.count, start: query.start))
            }
        }
        router.on(RouterPath(collection.path), method: .post) { request, context in
            try await reception.answerBody(of: request, context, asking: .createPrincipal) {
                body throws(ScopeError) in
                try CreatePrincipalParameters(json: body, in: collection)
            } _: { services, parameters in
                // Before the group is made: one with a member that does not exist is not made at all.
                let members = try await names(of: parameters.members, services)
                let principal = try await services.createPrincipal(kind: collection.kind, name: parameters.name)
                for member in members { try await services.addGroupMember(member, to: principal.name) }
                let made = try await services.principal(principal.id)
                return .json(DirectoryAnswer.principal(made), status: .created)
            }
        }
    }

    private func addOne(_ collection: DirectoryEndpoint, to router: some RouterMethods<ScopeRequestContext>) {
        router.on(RouterPath(collection.onePath), method: .get) { request, context in
            let text = context.parameters.get("id") ?? ""
            return try await reception.answer(request, context, asking: .getPrincipal) { _ throws(ScopeError) in
                try collection.id(text)
            } _: { services, id in
                .json(DirectoryAnswer.principal(try await principal(id, in: collection, services)))
            }
        }
        router.on(RouterPath(collection.onePath), method: .delete) { request, context in
            let text = context.parameters.get("id") ?? ""
            return try await reception.answer(request, context, asking: .deletePrincipal) { _ throws(ScopeError) in
                try collection.id(text)
            } _: { services, id in
                let name = try await principal(id, in: collection, services).principal.name
                try await services.deletePrincipal(kind: collection.kind, name: name)
                return .nothing
            }
        }
    }

    private func addChanges(of collection: DirectoryEndpoint, to router: some RouterMethods<ScopeRequestContext>) {
        router.on(RouterPath(collection.onePath), method: .patch) { request, context in
            let text = context.parameters.get("id") ?? ""
            return try await reception.answerBody(of: request, context, asking: .renamePrincipal) {
                body throws(ScopeError) in
                (try collection.id(text), try PrincipalChange(patch: body))
            } _: { services, parameters in
                try await make(parameters.1, of: try await principal(parameters.0, in: collection, services), services)
                return .nothing
            }
        }
        router.on(RouterPath(collection.onePath), method: .put) { request, context in
            let text = context.parameters.get("id") ?? ""
            return try await reception.answerBody(of: request, context, asking: .renamePrincipal) {
                body throws(ScopeError) in
                (try collection.id(text), try PrincipalChange(put: body, in: collection))
            } _: { services, parameters in
                try await make(parameters.1, of: try await principal(parameters.0, in: collection, services), services)
                return .json(DirectoryAnswer.principal(try await services.principal(parameters.0)))
            }
        }
    }

    private func addGroupChanges(to router: some RouterMethods<ScopeRequestContext>) {
        router.on(RouterPath(DirectoryEndpoint.groups.onePath), method: .patch) { request, context in
            let text = context.parameters.get("id") ?? ""
            return try await reception.answerBody(of: request, context, asking: .addGroupMember) {
                body throws(ScopeError) in
                (try DirectoryEndpoint.groups.id(text), try GroupChange.changes(patch: body))
            } _: { services, parameters in
                try await make(parameters.1, of: parameters.0, services)
                return .nothing
            }
        }
        router.on(RouterPath(DirectoryEndpoint.groups.onePath), method: .put) { request, context in
            let text = context.parameters.get("id") ?? ""
            return try await reception.answerBody(of: request, context, asking: .renamePrincipal) {
                body throws(ScopeError) in
                (try DirectoryEndpoint.groups.id(text), try GroupChange.changes(put: body))
            } _: { services, parameters in
                try await make(parameters.1, of: parameters.0, services)
                return .json(DirectoryAnswer.principal(try await services.principal(parameters.0)))
            }
        }
    }

    private func make(
        _ change: PrincipalChange, of relations: PrincipalRelations, _ services: any WorkspaceServices
    ) async throws {
        let principal = relations.principal
        if let name = change.name, name.lowercased() != principal.name.lowercased() {
            let refusal = ScopeError(
                .invalidParameterValue, "A user name and an application id stay. Change the displayName.")
            try await services.recordRefusal(of: .renamePrincipal, error: refusal)
            throw refusal
        }
        if let name = change.displayName, name != principal.displayName {
            try await services.renamePrincipal(principal.id, to: name)
        }
        if let isActive = change.isActive {
            try await services.setActive(isActive, kind: principal.kind, name: principal.name)
        }
    }

    private func make(
        _ changes: [GroupChange], of id: PrincipalID, _ services: any WorkspaceServices
    ) async throws {
        for change in changes {
            // Anew for each, since the one before may have changed the name.
            let group = try await principal(id, in: .groups, services)
            switch change {
            case .rename(let name):
                if name != group.principal.displayName { try await services.renamePrincipal(id, to: name) }
            case .members(let change): try await make(change, of: group.principal.name, services)
            case .replaceMembers(let members):
                let present = Set(group.members.map(\.id))
                let missing = members.filter { !present.contains($0) }
                let former = group.members.map(\.id).filter { !members.contains($0) }
                // First those who come, so that whoever is an administrator through both ways stays one.
                try await make(.add(missing), of: group.principal.name, services)
                try await make(.remove(former), of: group.principal.name, services)
            }
        }
    }

    private func make(_ change: MemberChange, of group: String, _ services: any WorkspaceServices) async throws {
        switch change {
        case .add(let ids):
            for member in try await names(of: ids, services) { try await services.addGroupMember(member, to: group) }
        case .remove(let ids):
            for member in try await names(of: ids, services) {
                try await services.removeGroupMember(member, from: group)
            }
        }
    }

    private func names(of ids: [PrincipalID], _ services: any WorkspaceServices) async throws -> [String] {
        var names: [String] = []
        for id in ids { names.append(try await services.principal(id).principal.name) }
        return names
    }

    private func principal(
        _ id: PrincipalID, in collection: DirectoryEndpoint, _ services: any WorkspaceServices
    ) async throws -> PrincipalRelations {
        let found = try await services.principal(id)
        guard found.principal.kind == collection.kind else {
            throw ScopeError(.resourceDoesNotExist, "There is no \(collection.kind) with the id \(id).")
        }
        return found
    }
}

extension DirectoryEndpoint {
    fileprivate func id(_ text: String) throws(ScopeError) -> PrincipalID {
        guard let id = PrincipalID(text) else {
            throw ScopeError(.resourceDoesNotExist, "There is no \(kind) with that id.")
        }
        return id
    }
}
