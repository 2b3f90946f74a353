internal import SecretMemory
internal import SecretScopes

/// An answer that is not what the call's answers look like.
struct AnswerNotUnderstood: Error {}

/// Reads the bodies that ``Answer`` and ``ValueAnswer`` write.
enum AnswerDecoding {
    static func scopes(_ body: RawSpan) throws(AnswerNotUnderstood) -> [SecretScope] {
        try AnswerObject(body).list("scopes", in: body) { scope, body throws(AnswerNotUnderstood) in
            guard try scope.text("backend_type", in: body) == ScopeBackend.native.wireName else {
                throw AnswerNotUnderstood()
            }
            return SecretScope(name: try scope.text("name", in: body), backend: .native)
        }
    }

    static func secrets(_ body: RawSpan) throws(AnswerNotUnderstood) -> [SecretMetadata] {
        try AnswerObject(body).list("secrets", in: body) { secret, body throws(AnswerNotUnderstood) in
            SecretMetadata(
                key: try secret.text("key", in: body),
                lastUpdated: Timestamp(rawValue: try secret.integer("last_updated_timestamp", in: body))
            )
        }
    }

    static func acl(_ body: RawSpan) throws(AnswerNotUnderstood) -> ACLItem {
        try item(AnswerObject(body), body)
    }

    static func acls(_ body: RawSpan) throws(AnswerNotUnderstood) -> [ACLItem] {
        try AnswerObject(body).list("items", in: body, item)
    }

    /// A secret that was read. The wire does not tell its version, so that is 0.
    static func secret(_ body: RawSpan, pool: SecretPool) throws(AnswerNotUnderstood) -> Secret {
        let object = try AnswerObject(body)
        guard
            let encoded = object.members["value"]?.secret(in: body, pool: pool),
            let value = encoded.withBytes({ Base64.decode($0, in: pool) })
        else { throw AnswerNotUnderstood() }
        return Secret(key: try object.text("key", in: body), value: value, version: 0)
    }

    static func principal(_ body: RawSpan) throws(AnswerNotUnderstood) -> Principal {
        let me = try AnswerObject(body)
        guard let id = PrincipalID(try me.text("id", in: body)) else { throw AnswerNotUnderstood() }
        return Principal(
            id: id,
            kind: me.members["applicationId"] == nil ? .user : .servicePrincipal,
            name: try me.text("userName", in: body),
            displayName: try me.text("displayName", in: body),
            isActive: me.members["active"]?.kind == .boolean(true)
        )
    }

    /// The refusal that an answer with another status than 200 tells of.
    static func error(status: Int, _ body: RawSpan) -> ScopeError {
        guard
            let object = try? AnswerObject(body),
            let code = (try? object.text("error_code", in: body)).flatMap({ ScopeError.Code(named: $0) }),
            let message = try? object.text("message", in: body)
        else {
            return ScopeError(code(forStatus: status), "The server answered with HTTP status \(status).")
        }
        // One line of bounded length, whatever the server sends: the message is printed on a terminal.
        let line = message.unicodeScalars.prefix(1024).map { $0.properties.generalCategory == .control ? " " : $0 }
        return ScopeError(code, String(String.UnicodeScalarView(line)))
    }

    private static func code(forStatus status: Int) -> ScopeError.Code {
        switch status {
        case 401: .unauthenticated
        case 403: .permissionDenied
        case 404: .endpointNotFound
        case 429: .requestLimitExceeded
        case 400..<500: .badRequest
        case 503: .temporarilyUnavailable
        default: .internalError
        }
    }

    private static func item(_ object: AnswerObject, _ body: RawSpan) throws(AnswerNotUnderstood) -> ACLItem {
        guard let permission = Permission(named: try object.text("permission", in: body)) else {
            throw AnswerNotUnderstood()
        }
        return ACLItem(principal: try object.text("principal", in: body), permission: permission)
    }
}

/// An object of an answer. It borrows nothing: the text is handed to each call.
private struct AnswerObject {
    let members: [String: JSONValue]

    /// Checks that all of `body` is one JSON object.
    init(_ body: RawSpan) throws(AnswerNotUnderstood) {
        guard let value = try? JSONValue(parsing: body) else { throw AnswerNotUnderstood() }
        try self.init(value, in: body)
    }

    private init(_ value: JSONValue, in body: RawSpan) throws(AnswerNotUnderstood) {
        guard let members = try? value.members(in: body) else { throw AnswerNotUnderstood() }
        self.members = members
    }

    func text(_ name: String, in body: RawSpan) throws(AnswerNotUnderstood) -> String {
        guard let text = members[name]?.text(in: body) else { throw AnswerNotUnderstood() }
        return text
    }

    func integer(_ name: String, in body: RawSpan) throws(AnswerNotUnderstood) -> Int64 {
        guard let integer = members[name]?.integer(in: body) else { throw AnswerNotUnderstood() }
        return integer
    }

    /// The elements of an array of objects; none when the member is absent.
    func list<Element>(
        _ name: String,
        in body: RawSpan,
        _ element: (AnswerObject, RawSpan) throws(AnswerNotUnderstood) -> Element
    ) throws(AnswerNotUnderstood) -> [Element] {
        guard let value = members[name] else { return [] }
        guard let values = try? value.elements(in: body) else { throw AnswerNotUnderstood() }
        var elements: [Element] = []
        for value in values {
            elements.append(try element(AnswerObject(value, in: body), body))
        }
        return elements
    }
}
