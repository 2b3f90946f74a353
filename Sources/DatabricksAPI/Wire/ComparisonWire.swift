internal import SecretJSON
public import SecretMemory
public import SecretScopes

/// The calls that ask about many scopes at once, which Databricks does not have.
public enum ComparisonEndpoint {
    /// The ACLs and the secrets' names of scopes.
    public static let contents = "/api/2.0/hush/scopes/contents"
    /// Which values scopes hold already.
    public static let compare = "/api/2.0/hush/secrets/compare"
    /// The largest request body that is read, in bytes.
    public static let largestBody = 8 * 1024 * 1024
    /// The refusal of a larger one.
    public static let tooLarge = ScopeError(
        .invalidParameterValue,
        "The question takes more than \(largestBody) bytes. Ask about fewer scopes or values at a time.")
    /// The most scopes of one question, so that the answer stays small.
    public static let mostScopes = 100
}

/// The questions about many scopes in the form of requests' bodies, and the answers.
public enum ComparisonWire {
    /// Reads the body of a question about contents; throws as ``ScopeParameters/init(json:)`` does.
    public static func contentsRequests(json body: RawSpan) throws(ScopeError) -> [ScopeContentsRequest] {
        var requests: [ScopeContentsRequest] = []
        for scope in try scopes(in: body) {
            requests.append(
                ScopeContentsRequest(
                    scope: try scope.required("scope", in: body),
                    listsACL: try scope.truth("acl") ?? false,
                    listsSecrets: try scope.truth("secrets") ?? false))
        }
        return requests
    }

    private static func scopes(in body: RawSpan) throws(ScopeError) -> [JSONFields] {
        guard let scopes = try JSONFields(parsing: body).objects("scopes", in: body) else {
            throw .missingField("scopes")
        }
        guard scopes.count <= ComparisonEndpoint.mostScopes else {
            throw ScopeError(
                .invalidParameterValue, "Ask about at most \(ComparisonEndpoint.mostScopes) scopes at a time.")
        }
        return scopes
    }

    /// The body of a question about contents.
    public static func json(_ requests: some Collection<ScopeContentsRequest>) -> [UInt8] {
        .json { json in
            json.member("scopes", Array(requests)) { json, request in
                json.object { json in
                    json.member("scope", request.scope)
                    json.member("acl", request.listsACL)
                    json.member("secrets", request.listsSecrets)
                }
            }
        }
    }

    /// The answer about contents.
    public static func answer(_ contents: [ScopeContents]) -> [UInt8] {
        .json { json in
            json.member("scopes", contents) { json, scope in
                json.object { json in
                    if let acl = scope.acl {
                        json.member("acl", acl) { json, item in
                            json.object { json in
                                json.member("principal", item.principal)
                                json.member("permission", item.permission.description)
                            }
                        }
                    }
                    guard let secrets = scope.secrets else { return }
                    json.member("secrets", secrets) { json, secret in
                        json.object { json in
                            json.member("key", secret.key)
                            json.member("version", secret.version.description)
                        }
                    }
                }
            }
        }
    }

    /// Reads the body of a question about values, which go straight from there into memory of `pool`. Throws as
    /// ``ScopeParameters/init(json:)`` does. Overwriting the body is up to the caller.
    public static func comparisons(
        json body: RawSpan, pool: SecretPool
    ) throws(ScopeError) -> [ScopeComparisonRequest] {
        var requests: [ScopeComparisonRequest] = []
        for scope in try scopes(in: body) {
            var values: [(key: String, value: SecretBytes)] = []
            for object in try scope.objects("values", in: body) ?? [] {
                guard
                    let encoded = try object.secret("bytes_value", in: body, pool: pool),
                    let value = encoded.withBytes({ Base64.decode($0, in: pool) })
                else { throw ScopeError(.invalidParameterValue, "bytes_value must be there in base64.") }
                values.append((try object.required("key", in: body), value))
            }
            requests.append(ScopeComparisonRequest(scope: try scope.required("scope", in: body), values: values))
        }
        return requests
    }

    /// Appends a question about values as a body.
    public static func append(
        _ requests: some Collection<ScopeComparisonRequest>, to body: inout SecretBuffer, pool: SecretPool
    ) {
        body.append(text: "{\"scopes\":[")
        var isFirstScope = true
        for request in requests {
            body.append(text: isFirstScope ? "{\"scope\":" : ",{\"scope\":")
            isFirstScope = false
            body.appendJSONString(request.scope)
            body.append(text: ",\"values\":[")
            for (index, (key, value)) in request.values.enumerated() {
                body.append(text: index == 0 ? "{\"key\":" : ",{\"key\":")
                body.appendJSONString(key)
                body.append(text: ",\"bytes_value\":\"")
                value.withBytes { Base64.encode($0, in: pool) }.withBytes { body.append($0) }
                body.append(text: "\"}")
            }
            body.append(text: "]}")
        }
        body.append(text: "]}")
    }

    /// The answer about values.
    public static func answer(_ matches: [[SecretMatch]]) -> [UInt8] {
        .json { json in
            json.member("scopes", matches) { json, scope in
                json.object { json in
                    json.member("values", scope) { json, match in
                        json.object { json in
                            switch match {
                            case .absent: json.member("match", "absent")
                            case .same(let version):
                                json.member("match", "same")
                                json.member("version", version.description)
                            case .different(let version):
                                json.member("match", "different")
                                json.member("version", version.description)
                            }
                        }
                    }
                }
            }
        }
    }
}
