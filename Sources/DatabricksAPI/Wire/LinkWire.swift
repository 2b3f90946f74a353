internal import SecretJSON
public import SecretScopes

/// The calls about the links of scopes, which Databricks does not have.
public enum LinkEndpoint {
    /// What a scope is linked to (`GET`), and linking it (`POST`).
    public static let link = "/api/2.0/hush/scopes/link"
    /// Making a linked scope a native one.
    public static let unlink = "/api/2.0/hush/scopes/unlink"
    /// Trying a link.
    public static let check = "/api/2.0/hush/scopes/check"
}

extension LinkScopeRequest {
    /// Reads a request's body; throws as ``ScopeParameters/init(json:)`` does.
    public init(json body: RawSpan) throws(ScopeError) {
        let fields = try JSONFields(parsing: body)
        let link = try CreateScopeRequest.Link(fields, in: body)
        self.init(
            scope: try fields.required("scope", in: body), address: link.address, options: link.options,
            credential: link.credential,
            initialManagePrincipal: try fields.text("initial_manage_principal", in: body))
    }

    /// The request as a body.
    public var json: [UInt8] {
        .json { json in
            json.member("scope", scope)
            CreateScopeRequest.Link(address: address, options: options, credential: credential).write(to: &json)
            json.member("initial_manage_principal", initialManagePrincipal)
        }
    }
}

extension CreateScopeRequest.Link {
    init(_ fields: JSONFields, in body: RawSpan) throws(ScopeError) {
        var options: [String: String] = [:]
        if let members = try fields.fields("options", in: body) {
            for name in members.names { options[name] = try members.required(name, in: body) }
        }
        self.init(
            address: try fields.required("address", in: body), options: options,
            credential: try fields.text("credential", in: body))
    }

    func write(to json: inout JSONWriter) {
        json.member("address", address)
        if !options.isEmpty {
            json.member("options") { json in
                for (name, value) in options.sorted(by: { $0.key < $1.key }) { json.member(named: name, value) }
            }
        }
        json.member("credential", credential)
    }
}

/// The answers about links.
public enum LinkAnswer {
    /// What a scope is linked to; an empty object when it is a native one.
    public static func link(_ link: ScopeLinkDescription?) -> [UInt8] {
        .json { json in
            guard let link else { return }
            json.member("link") { json in
                json.member("kind", link.kind.name)
                CreateScopeRequest.Link(address: link.address, options: link.options, credential: link.credential)
                    .write(to: &json)
                json.member("owner", link.owner)
                json.member("writable", link.isWritable)
            }
        }
    }

    /// What trying a link found.
    public static func steps(_ steps: [LinkCheckStep]) -> [UInt8] {
        .json { json in
            json.member("steps", steps) { json, step in
                json.object { json in
                    json.member("name", step.name)
                    json.member("detail", step.detail)
                    json.member("succeeded", step.succeeded)
                }
            }
        }
    }
}
