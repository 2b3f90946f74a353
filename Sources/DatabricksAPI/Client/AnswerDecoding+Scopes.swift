internal import SecretJSON
internal import SecretScopes

extension AnswerDecoding {
    /// The versions of a secret.
    static func versions(_ body: RawSpan) throws(AnswerNotUnderstood) -> [SecretVersion] {
        try AnswerObject(body).list("versions", in: body) { version, body throws(AnswerNotUnderstood) in
            SecretVersion(
                number: try version.integer("version", in: body),
                created: Timestamp(rawValue: try version.integer("created_timestamp", in: body)),
                isCurrent: version.members["current"]?.kind == .boolean(true)
            )
        }
    }

    /// The number of the version that was made.
    static func restoredVersion(_ body: RawSpan) throws(AnswerNotUnderstood) -> Int64 {
        try AnswerObject(body).integer("version", in: body)
    }

    /// What each of some principals may do with a scope, and why.
    static func access(_ body: RawSpan) throws(AnswerNotUnderstood) -> [ScopeAccess] {
        try AnswerObject(body).list("access", in: body) { access, body throws(AnswerNotUnderstood) in
            ScopeAccess(
                scope: try access.text("scope", in: body),
                principal: try principal(access.object("principal", in: body), body),
                permission: try access.optionalText("permission", in: body).map(permission),
                reasons: try access.list("reasons", in: body) { reason, body throws(AnswerNotUnderstood) in
                    ScopeAccess.Reason(
                        permission: try permission(reason.text("permission", in: body)),
                        path: reason.texts("path", in: body),
                        isAdministration: reason.members["administration"]?.kind == .boolean(true)
                    )
                }
            )
        }
    }

    private static func permission(_ name: String) throws(AnswerNotUnderstood) -> Permission {
        guard let permission = Permission(named: name) else { throw AnswerNotUnderstood() }
        return permission
    }

    private static func principal(
        _ object: AnswerObject, _ body: RawSpan
    ) throws(AnswerNotUnderstood) -> Principal {
        guard
            let id = PrincipalID(try object.text("id", in: body)),
            let kind = PrincipalKind(wireName: try object.text("kind", in: body))
        else { throw AnswerNotUnderstood() }
        return Principal(
            id: id,
            kind: kind,
            name: try object.text("name", in: body),
            displayName: try object.text("display_name", in: body),
            isActive: object.members["active"]?.kind == .boolean(true)
        )
    }
}
