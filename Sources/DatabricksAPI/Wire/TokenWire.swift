internal import SecretJSON
public import SecretMemory
public import SecretScopes

/// The calls about personal access tokens.
public enum TokenEndpoint {
    /// Makes a token for oneself.
    public static let create = "/api/2.0/token/create"
    /// Lists one's own tokens.
    public static let list = "/api/2.0/token/list"
    /// Revokes a token.
    public static let delete = "/api/2.0/token/delete"
    /// Changes a token's comment.
    public static let change = "/api/2.0/token/{token_id}"
    /// Lists everybody's tokens.
    public static let manage = "/api/2.0/token-management/tokens"
    /// Shows or revokes a token of anybody.
    public static let manageOne = "/api/2.0/token-management/tokens/{token_id}"
    /// Makes a token for a service principal.
    public static let onBehalf = "/api/2.0/token-management/on-behalf-of/tokens"
}

extension CreateTokenRequest {
    /// Reads the body of a request for a token of one's own, or, with `application_id`, of a service principal.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` with `MALFORMED_REQUEST` when the body is not a JSON object or a field has
    ///   a wrong type, with `INVALID_PARAMETER_VALUE` when a field is missing or says something that is not offered.
    public init(json body: RawSpan, onBehalf: Bool) throws(ScopeError) {
        let fields = try JSONFields(parsing: body)
        let seconds = try fields.integer("lifetime_seconds", in: body)
        // Databricks' own clients send -1, and older ones 0, for a token without an end.
        let isEndless = seconds == nil || seconds == 0 || seconds == -1
        if let seconds, !isEndless, !(1...(10 * 365 * 86_400)).contains(seconds) {
            throw ScopeError(.invalidParameterValue, "lifetime_seconds must be between 1 and 315360000.")
        }
        // A token that allows more than was asked for would be worse than none.
        if let scopes = try fields.texts("scopes", in: body), !scopes.allSatisfy({ $0 == "all-apis" }) {
            throw ScopeError(.invalidParameterValue, "Only the scope all-apis is offered. Leave the field scopes out.")
        }
        self.init(
            principal: onBehalf ? try fields.required("application_id", in: body) : nil,
            kind: .personalAccessToken,
            operations: nil,
            lifetime: isEndless ? nil : seconds.map { .seconds($0) },
            comment: try fields.text("comment", in: body) ?? ""
        )
    }
}

extension CreateTokenRequest {
    /// The request as a body.
    var json: [UInt8] {
        .json { json in
            json.member("application_id", principal)
            json.member("comment", comment.isEmpty ? nil : comment)
            guard let lifetime else { return }
            json.member("lifetime_seconds", lifetime.components.seconds)
        }
    }
}

extension CredentialID {
    /// Reads the id of a token or a client secret.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` with `RESOURCE_DOES_NOT_EXIST` when it has not the form of one. What was
    ///   sent is not repeated, since it may be a token.
    public init(validating text: String) throws(ScopeError) {
        guard let id = CredentialID(text) else {
            throw ScopeError(.resourceDoesNotExist, "There is no token with that id.")
        }
        self = id
    }

    /// Reads a request's body with the field `token_id`.
    public init(json body: RawSpan) throws(ScopeError) {
        try self.init(validating: JSONFields(parsing: body).required("token_id", in: body))
    }
}

/// What a `PATCH` of a token changes: its comment.
public enum TokenChange {
    /// Reads the body: `token`, of which `update_mask` names the fields that are changed.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` with `INVALID_PARAMETER_VALUE` when it would change anything else.
    public static func comment(json body: RawSpan) throws(ScopeError) -> String {
        let fields = try JSONFields(parsing: body)
        guard let token = try fields.fields("token", in: body) else { throw .missingField("token") }
        guard try fields.required("update_mask", in: body) == "comment" else {
            throw ScopeError(.invalidParameterValue, "Only the comment of a token can be changed.")
        }
        return try token.text("comment", in: body) ?? ""
    }
}

/// The answers about tokens.
public enum TokenAnswer {
    /// A new token, in memory for secrets.
    public static func issued(_ token: IssuedToken, pool: SecretPool) -> SecretBytes {
        var body = SecretBuffer(in: pool)
        body.append(text: "{\"token_value\":\"")
        token.value.withBytes { body.append($0) }
        body.append(text: "\",\"token_info\":")
        body.append([UInt8].json { write(token.description, to: &$0) }.span.bytes)
        body.append(text: "}")
        return body.finish()
    }

    /// The tokens of a list.
    ///
    /// - Parameter isManaged: Whether an administrator asked, who is told whose they are.
    public static func tokens(_ tokens: [TokenDescription], isManaged: Bool) -> [UInt8] {
        .json { json in
            guard !tokens.isEmpty else { return }
            json.member("token_infos", tokens) { json, token in
                json.object { write(token, to: &$0, isManaged: isManaged) }
            }
        }
    }

    /// One token, for an administrator.
    public static func token(_ token: TokenDescription) -> [UInt8] {
        .json { json in
            json.member("token_info") { write(token, to: &$0, isManaged: true) }
        }
    }

    /// Owner and creator are told by name alone: clients expect numbers for their ids.
    private static func write(_ token: TokenDescription, to json: inout JSONWriter, isManaged: Bool = false) {
        json.member("token_id", token.id.description)
        json.member("creation_time", token.created.rawValue)
        json.member("expiry_time", token.expires?.rawValue ?? -1)
        json.member("comment", token.comment)
        guard isManaged else { return }
        json.member("created_by_username", token.creator)
        json.member("owner_username", token.owner.name)
        if case .day(let day) = token.lastUse { json.member("last_used_day", day.rawValue) }
    }
}
