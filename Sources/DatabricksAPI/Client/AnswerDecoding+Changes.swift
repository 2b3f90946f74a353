internal import SecretJSON
internal import SecretScopes

extension AnswerDecoding {
    /// What became of changes.
    static func appliedChanges(_ body: RawSpan) throws(AnswerNotUnderstood) -> AppliedChanges {
        let answer = try AnswerObject(body)
        var principals: [Int: String] = [:]
        let list = try answer.list("created_principals", in: body) { principal, body throws(AnswerNotUnderstood) in
            (try principal.integer("change", in: body), try principal.text("name", in: body))
        }
        for (change, name) in list { principals[Int(change)] = name }
        return AppliedChanges(id: try answer.text("apply_id", in: body), principals: principals)
    }

    /// What scopes hold.
    static func contents(_ body: RawSpan) throws(AnswerNotUnderstood) -> [ScopeContents] {
        try AnswerObject(body).list("scopes", in: body) { scope, body throws(AnswerNotUnderstood) in
            var contents = ScopeContents()
            if scope.members["acl"] != nil {
                contents.acl = try scope.list("acl", in: body) { item, body throws(AnswerNotUnderstood) in
                    guard let permission = Permission(named: try item.text("permission", in: body)) else {
                        throw AnswerNotUnderstood()
                    }
                    return ACLItem(principal: try item.text("principal", in: body), permission: permission)
                }
            }
            if scope.members["secrets"] != nil {
                contents.secrets = try scope.list("secrets", in: body) { secret, body throws(AnswerNotUnderstood) in
                    ScopeContents.Item(key: try secret.text("key", in: body), version: try version(secret, body))
                }
            }
            return contents
        }
    }

    /// Which values scopes hold.
    static func matches(_ body: RawSpan) throws(AnswerNotUnderstood) -> [[SecretMatch]] {
        try AnswerObject(body).list("scopes", in: body) { scope, body throws(AnswerNotUnderstood) in
            try scope.list("values", in: body) { value, body throws(AnswerNotUnderstood) in
                switch try value.text("match", in: body) {
                case "absent": .absent
                case "same": .same(try version(value, body))
                case "different": .different(try version(value, body))
                default: throw AnswerNotUnderstood()
                }
            }
        }
    }

    private static func version(_ object: AnswerObject, _ body: RawSpan) throws(AnswerNotUnderstood) -> VersionID {
        guard let id = VersionID(try object.text("version", in: body)) else { throw AnswerNotUnderstood() }
        return id
    }
}
