extension ScopeSession: IdentityEditingService {
    /// Gives a principal another display name, and a group another name.
    public func renamePrincipal(_ id: PrincipalID, to text: String) async throws {
        let parameters = [("principal_id", id.description), ("name", text)]
        try await perform(.renamePrincipal, parameters: parameters) { context in
            _ = try context.authorizeAdministrator()
            guard var row = try context.reader.principal(id) else {
                throw ScopeError(.resourceDoesNotExist, "There is no principal with the id \(id).")
            }
            try context.keys.verify(row)
            guard id != .everybody, id != .administrators else {
                throw ScopeError(.badRequest, "The group \(row.name) is reserved and keeps its name.")
            }
            let name = try PrincipalName(validating: text)
            if row.kind == .group {
                if let taken = try context.view.principal(named: name), taken.id != id {
                    throw ScopeError(.resourceAlreadyExists, "There is a \(taken.kind) \(taken.name) already.")
                }
                row.name = name.rawValue
            }
            row.displayName = name.rawValue
            try context.save(row)
        }
    }

    /// Gives a token another comment.
    public func setComment(_ comment: String, ofToken id: CredentialID) async throws {
        try await perform(.updateToken, parameters: [("token_id", id.description)]) { context in
            let caller = try context.authorize()
            var row = try context.token(id, of: caller)
            row.comment = try context.comment(comment)
            try context.save(row)
        }
    }
}
