internal import SecretJSON
internal import SecretScopes

/// A principal as a server's directory shows it.
struct DirectoryMember {
    /// A group that contains it, or a member of a group.
    struct Link {
        var kind: PrincipalKind
        var wireID: String
    }

    var principal: Principal
    /// The id in the server's own form.
    var wireID: String
    var groups: [Link]
    var members: [Link]
}

extension AnswerDecoding {
    /// One principal of a collection, or the answer to the question who the caller is, which may be a service principal
    /// although it has the form of a user.
    static func member(
        _ body: RawSpan, in collection: DirectoryEndpoint
    ) throws(AnswerNotUnderstood) -> DirectoryMember {
        try member(AnswerObject(body), body, in: collection)
    }

    /// A part of a collection, and how many principals all of it has.
    static func page(
        _ body: RawSpan, in collection: DirectoryEndpoint
    ) throws(AnswerNotUnderstood) -> (members: [DirectoryMember], total: Int) {
        let object = try AnswerObject(body)
        let members = try object.list("Resources", in: body) { member, body throws(AnswerNotUnderstood) in
            try self.member(member, body, in: collection)
        }
        return (members, Int(try object.integer("totalResults", in: body)))
    }

    private static func member(
        _ object: AnswerObject, _ body: RawSpan, in collection: DirectoryEndpoint
    ) throws(AnswerNotUnderstood) -> DirectoryMember {
        let wireID = try object.text("id", in: body)
        guard let id = PrincipalID(wireID: wireID) else { throw AnswerNotUnderstood() }
        let isServicePrincipal =
            collection == .servicePrincipals
            || object.members["applicationId"] != nil
            || object.texts("schemas", in: body).contains { $0.hasSuffix(":ServicePrincipal") }
        let kind: PrincipalKind = isServicePrincipal ? .servicePrincipal : collection.kind
        let displayName = object.optionalText("displayName", in: body)
        let name: String?
        switch kind {
        case .user: name = object.optionalText("userName", in: body)
        case .group: name = displayName
        case .servicePrincipal:
            name = object.optionalText("applicationId", in: body) ?? object.optionalText("userName", in: body)
        }
        guard let name else { throw AnswerNotUnderstood() }
        return DirectoryMember(
            principal: Principal(
                id: id,
                kind: kind,
                name: name,
                displayName: displayName ?? name,
                isActive: object.members["active"]?.kind != .boolean(false)
            ),
            wireID: wireID,
            groups: try links("groups", of: object, body),
            members: try links("members", of: object, body)
        )
    }

    private static func links(
        _ name: String, of object: AnswerObject, _ body: RawSpan
    ) throws(AnswerNotUnderstood) -> [DirectoryMember.Link] {
        try object.list(name, in: body) { link, body throws(AnswerNotUnderstood) in
            let wireID = try link.text("value", in: body)
            let reference = link.optionalText("$ref", in: body)?.split(separator: "/") ?? []
            let collection = reference.dropLast().last.flatMap { DirectoryEndpoint(rawValue: String($0)) }
            return DirectoryMember.Link(kind: collection?.kind ?? .user, wireID: wireID)
        }
    }
}
