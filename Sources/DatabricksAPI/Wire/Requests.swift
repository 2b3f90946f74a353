internal import SecretJSON
public import SecretMemory
public import SecretScopes

/// What a call needs that is about one scope: deleting it, listing its secrets or its ACL.
public struct ScopeParameters: Sendable, Hashable {
    /// The scope's name.
    public var scope: String

    /// Creates the parameters.
    public init(scope: String) {
        self.scope = scope
    }

    /// Reads a request's body.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` with `MALFORMED_REQUEST` when the body is not a JSON object or a field has
    ///   a wrong type, with `INVALID_PARAMETER_VALUE` when a field is missing.
    public init(json body: RawSpan) throws(ScopeError) {
        self.init(scope: try JSONFields(parsing: body).required("scope", in: body))
    }

    /// Reads a request's query.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` with `INVALID_PARAMETER_VALUE` when a parameter is missing.
    public init(query: QueryParameters) throws(ScopeError) {
        self.init(scope: try query.required("scope"))
    }

    /// The parameters as a request's body.
    public var json: [UInt8] {
        .json { $0.member("scope", scope) }
    }

    /// The parameters as a request's query.
    public var query: QueryParameters {
        QueryParameters(["scope": scope])
    }
}

/// What a call needs that is about one secret: reading or deleting it.
public struct SecretParameters: Sendable, Hashable {
    /// The scope's name.
    public var scope: String
    /// The secret's name.
    public var key: String

    /// Creates the parameters.
    public init(scope: String, key: String) {
        self.scope = scope
        self.key = key
    }

    /// Reads a request's body; throws as ``ScopeParameters/init(json:)`` does.
    public init(json body: RawSpan) throws(ScopeError) {
        let fields = try JSONFields(parsing: body)
        self.init(scope: try fields.required("scope", in: body), key: try fields.required("key", in: body))
    }

    /// Reads a request's query; throws as ``ScopeParameters/init(query:)`` does.
    public init(query: QueryParameters) throws(ScopeError) {
        self.init(scope: try query.required("scope"), key: try query.required("key"))
    }

    /// The parameters as a request's body.
    public var json: [UInt8] {
        .json {
            $0.member("scope", scope)
            $0.member("key", key)
        }
    }

    /// The parameters as a request's query.
    public var query: QueryParameters {
        QueryParameters(["scope": scope, "key": key])
    }
}

/// What a call needs that is about one principal's grant: reading, making or taking it away.
public struct ACLParameters: Sendable, Hashable {
    /// The scope's name.
    public var scope: String
    /// The principal's name.
    public var principal: String

    /// Creates the parameters.
    public init(scope: String, principal: String) {
        self.scope = scope
        self.principal = principal
    }

    /// Reads a request's body; throws as ``ScopeParameters/init(json:)`` does.
    public init(json body: RawSpan) throws(ScopeError) {
        let fields = try JSONFields(parsing: body)
        self.init(scope: try fields.required("scope", in: body), principal: try fields.required("principal", in: body))
    }

    /// Reads a request's query; throws as ``ScopeParameters/init(query:)`` does.
    public init(query: QueryParameters) throws(ScopeError) {
        self.init(scope: try query.required("scope"), principal: try query.required("principal"))
    }

    /// The parameters as a request's body.
    public var json: [UInt8] {
        .json {
            $0.member("scope", scope)
            $0.member("principal", principal)
        }
    }

    /// The parameters as a request's query.
    public var query: QueryParameters {
        QueryParameters(["scope": scope, "principal": principal])
    }
}

/// What granting a permission needs.
public struct PutACLParameters: Sendable, Hashable {
    /// The scope's name.
    public var scope: String
    /// The principal's name.
    public var principal: String
    /// The permission as the client wrote it.
    public var permission: String

    /// Creates the parameters.
    public init(scope: String, principal: String, permission: String) {
        self.scope = scope
        self.principal = principal
        self.permission = permission
    }

    /// Reads a request's body; throws as ``ScopeParameters/init(json:)`` does.
    public init(json body: RawSpan) throws(ScopeError) {
        let fields = try JSONFields(parsing: body)
        self.init(
            scope: try fields.required("scope", in: body),
            principal: try fields.required("principal", in: body),
            permission: try fields.required("permission", in: body)
        )
    }

    /// The parameters as a request's body.
    public var json: [UInt8] {
        .json {
            $0.member("scope", scope)
            $0.member("principal", principal)
            $0.member("permission", permission)
        }
    }
}

extension CreateScopeRequest {
    /// Reads a request's body; throws as ``ScopeParameters/init(json:)`` does.
    public init(json body: RawSpan) throws(ScopeError) {
        let fields = try JSONFields(parsing: body)
        var vault: AzureKeyVault?
        if let members = try fields.fields("backend_azure_keyvault", in: body) {
            vault = AzureKeyVault(
                resourceID: try members.text("resource_id", in: body),
                dnsName: try members.text("dns_name", in: body)
            )
        }
        var link: Link?
        if let members = try fields.fields("link", in: body) { link = try Link(members, in: body) }
        self.init(
            scope: try fields.required("scope", in: body),
            initialManagePrincipal: try fields.text("initial_manage_principal", in: body),
            backendType: try fields.text("scope_backend_type", in: body),
            azureKeyVault: vault,
            link: link
        )
    }

    /// The request as a body.
    public var json: [UInt8] {
        .json { json in
            json.member("scope", scope)
            json.member("initial_manage_principal", initialManagePrincipal)
            json.member("scope_backend_type", backendType)
            if let link { json.member("link") { link.write(to: &$0) } }
            guard let azureKeyVault else { return }
            json.member("backend_azure_keyvault") { json in
                json.member("resource_id", azureKeyVault.resourceID)
                json.member("dns_name", azureKeyVault.dnsName)
            }
        }
    }
}

extension PutSecretRequest {
    /// Reads a request's body; the values go straight from there into memory of `pool`. Throws as
    /// ``ScopeParameters/init(json:)`` does. Overwriting the body is up to the caller.
    public init(json body: RawSpan, pool: SecretPool) throws(ScopeError) {
        let fields = try JSONFields(parsing: body)
        self.init(
            scope: try fields.required("scope", in: body),
            key: try fields.required("key", in: body),
            stringValue: try fields.secret("string_value", in: body, pool: pool),
            bytesValue: try fields.secret("bytes_value", in: body, pool: pool)
        )
    }

    /// Appends the request as a body.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` with `INVALID_PARAMETER_VALUE` when a value is not UTF-8 and so cannot
    ///   stand in JSON.
    public func appendJSON(to body: inout SecretBuffer) throws(ScopeError) {
        body.append(text: "{\"scope\":")
        body.appendJSONString(scope)
        body.append(text: ",\"key\":")
        body.appendJSONString(key)
        for (name, value) in [("string_value", stringValue), ("bytes_value", bytesValue)] {
            guard let value else { continue }
            guard value.withBytes({ UTF8Sequence.isValid($0) }) else {
                throw ScopeError(
                    .invalidParameterValue,
                    "The \(name) for key \(key) is not valid UTF-8. Put the bytes in base64 into bytes_value."
                )
            }
            body.append(text: ",\"\(name)\":")
            value.withBytes { body.appendJSONString($0) }
        }
        body.append(text: "}")
    }
}

extension [UInt8] {
    /// A JSON object whose members `body` writes.
    static func json(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter()
        json.object(body)
        return json.bytes
    }
}
