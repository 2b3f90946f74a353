internal import SecretJSON

/// The description of every call that a workspace's server answers, in OpenAPI 3.1.
public enum APIDescription {
    /// All calls.
    public static let calls =
        secrets + links + ownScopes + tokens + clientSecrets + directory + audit + signIn + operation

    /// The description as JSON.
    public static let document = [UInt8].json { json in
        json.member("openapi", "3.1.0")
        json.member("info") { json in
            json.member("title", "Hush")
            json.member("description", "Secret scopes in the manner of Databricks.")
            json.member("version", "2.0")
        }
        json.member("security", ["token"]) { json, name in
            json.object { $0.member(named: name, []) }
        }
        json.member("paths") { json in
            for path in Set(calls.map(\.path)).sorted() {
                json.member(named: path) { json in
                    for call in calls where call.path == path {
                        json.member(named: call.method.lowercased()) { write(call, to: &$0) }
                    }
                }
            }
        }
        json.member("components") { json in
            json.member("securitySchemes") { json in
                json.member("token") { json in
                    json.member("type", "http")
                    json.member("scheme", "bearer")
                }
                json.member("client") { json in
                    json.member("type", "http")
                    json.member("scheme", "basic")
                }
            }
            json.member("schemas") { json in
                json.member("Error") { write([.needed("error_code"), .needed("message")], to: &$0) }
                json.member("DirectoryError") {
                    write(
                        [.needed("schemas", .list), .needed("detail"), .needed("status"), .some("scimType")], to: &$0)
                }
                json.member("SignInError") { write([.needed("error"), .needed("error_description")], to: &$0) }
            }
        }
    }

    private static func write(_ call: APICall, to json: inout JSONWriter) {
        json.member("tags", [call.tag.rawValue]) { $0.element($1) }
        json.member("summary", call.summary)
        json.member("operationId", identifier(of: call))
        if call.isOpen {
            json.member("security", [String]()) { $0.element($1) }
        } else if call.path == OAuthEndpoint.token {
            json.member("security", ["client"]) { json, name in json.object { $0.member(named: name, []) } }
        }
        let parameters =
            call.pathParameters.map { (APICall.Field.needed($0), "path") } + call.query.map { ($0, "query") }
        if !parameters.isEmpty {
            json.member("parameters", parameters) { json, parameter in
                json.object { json in
                    json.member("name", parameter.0.name)
                    json.member("in", parameter.1)
                    json.member("required", parameter.0.isRequired)
                    json.member("schema") { $0.member("type", parameter.0.kind.rawValue) }
                }
            }
        }
        if let body = call.body {
            json.member("requestBody") { json in
                json.member("required", true)
                writeContent(call.bodyType, to: &json) { write(body, to: &$0) }
            }
        }
        json.member("responses") { writeAnswers(of: call, to: &$0) }
    }

    private static func writeAnswers(of call: APICall, to json: inout JSONWriter) {
        json.member(named: String(call.status)) { json in
            json.member("description", "It was done.")
            guard let answer = call.answer else { return }
            writeContent(call.answerType, to: &json) { json in
                if call.answerType == "application/json" {
                    write(answer, to: &json)
                } else {
                    json.member("type", "string")
                }
            }
        }
        let schema =
            switch call.tag {
            case .directory: "DirectoryError"
            case .sign where call.path == OAuthEndpoint.token: "SignInError"
            default: "Error"
            }
        for (status, text) in refusals(of: call) {
            json.member(named: status) { json in
                json.member("description", text)
                // Who the caller is, is asked before anything of the directory.
                let isEarly = status == "429" || status == "401" && schema == "DirectoryError"
                let schema = isEarly ? "Error" : schema
                // What has not the form of an id may be no path at all.
                let schemas =
                    status == "404" && schema == "DirectoryError" && !call.pathParameters.isEmpty
                    ? [schema, "Error"] : [schema]
                writeContent("application/json", to: &json) { json in
                    json.member("anyOf", schemas) { json, name in
                        json.object { $0.member("$ref", "#/components/schemas/\(name)") }
                    }
                }
            }
        }
    }

    private static func refusals(of call: APICall) -> [(status: String, text: String)] {
        guard !call.isOpen else {
            return call.path == OperationPath.health ? [("503", "The workspace cannot be used.")] : []
        }
        return [
            ("400", "The request is not valid."), ("401", "There is no valid credential."),
            ("403", "The caller may not do it."), ("404", "Something that it names does not exist."),
            ("429", "Too many requests came: without a valid credential from this address, or from this caller."),
            ("500", "The server failed."), ("503", "The record cannot be written; nothing was done."),
        ]
    }

    private static func writeContent(
        _ type: String, to json: inout JSONWriter, _ schema: (inout JSONWriter) -> Void
    ) {
        json.member("content") { json in
            json.member(named: type) { $0.member("schema", schema) }
        }
    }

    private static func write(_ fields: [APICall.Field], to json: inout JSONWriter) {
        json.member("type", "object")
        let needed = fields.filter(\.isRequired).map(\.name)
        if !needed.isEmpty { json.member("required", needed) { $0.element($1) } }
        guard !fields.isEmpty else { return }
        json.member("properties") { json in
            for field in fields { json.member(named: field.name) { $0.member("type", field.kind.rawValue) } }
        }
    }

    /// Method and path as one word, such as `getApi2.0SecretsGet`.
    private static func identifier(of call: APICall) -> String {
        call.path.split { !$0.isLetter && !$0.isNumber && $0 != "." }
            .reduce(call.method.lowercased()) { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
    }
}
