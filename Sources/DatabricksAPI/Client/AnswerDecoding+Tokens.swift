internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// A token or a client secret as a server's list shows it.
struct ListedToken {
    var description: TokenDescription
    /// The id in the server's own form.
    var wireID: String
}

extension AnswerDecoding {
    /// A token that was just made.
    ///
    /// - Parameters:
    ///   - owner: Whom it stands for, which the answer does not tell.
    ///   - creator: Who asked for it.
    static func issuedToken(
        _ body: RawSpan, owner: Principal, creator: String?, pool: SecretPool
    ) throws(AnswerNotUnderstood) -> IssuedToken {
        let object = try AnswerObject(body)
        guard let value = object.members["token_value"]?.secret(in: body, pool: pool) else {
            throw AnswerNotUnderstood()
        }
        var listed = try token(object.object("token_info", in: body), body, owner: owner, creator: creator)
        listed.description.lastUse = .never
        return IssuedToken(description: listed.description, value: value)
    }

    /// The tokens of a list.
    ///
    /// - Parameter owner: Whom they stand for, where the list does not tell.
    static func tokens(_ body: RawSpan, owner: Principal?) throws(AnswerNotUnderstood) -> [ListedToken] {
        try AnswerObject(body).list("token_infos", in: body) { object, body throws(AnswerNotUnderstood) in
            try token(object, body, owner: owner, creator: object.optionalText("created_by_username", in: body))
        }
    }

    private static func token(
        _ object: AnswerObject, _ body: RawSpan, owner: Principal?, creator: String?
    ) throws(AnswerNotUnderstood) -> ListedToken {
        let wireID = try object.text("token_id", in: body)
        guard let id = CredentialID(wireID: wireID) else { throw AnswerNotUnderstood() }
        let ownerName = object.optionalText("owner_username", in: body) ?? creator ?? ""
        let end = object.members["expiry_time"]?.integer(in: body) ?? -1
        let description = TokenDescription(
            id: id,
            owner: owner ?? .named(ownerName, .user),
            creator: creator,
            created: Timestamp(rawValue: try object.integer("creation_time", in: body)),
            expires: end < 0 ? nil : Timestamp(rawValue: end),
            comment: object.optionalText("comment", in: body) ?? "",
            operations: .all,
            lastUse: object.members["last_used_day"]?.integer(in: body).map { .day(Timestamp(rawValue: $0)) }
                ?? (owner == nil ? .never : .untold)
        )
        return ListedToken(description: description, wireID: wireID)
    }
}

extension Principal {
    /// A principal of which a server told no more than the name.
    static func named(_ name: String, _ kind: PrincipalKind) -> Principal {
        Principal(id: PrincipalID(high: 0, low: 0), kind: kind, name: name, displayName: name, isActive: true)
    }
}
