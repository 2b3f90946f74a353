internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// The fields of a request's body. It borrows nothing: the text is handed to each call.
///
/// Unknown fields are ignored and `null` means absent, as Databricks has it. A field that stands there twice or has
/// another type than it should is refused.
struct JSONFields {
    private let members: [String: JSONValue]
    /// What stands before a field's name in messages, such as `backend_azure_keyvault.`.
    private let prefix: String

    /// Checks that all of `body` is one JSON object, whatever content type the client claims: the legacy command line
    /// sends `text/json`.
    init(parsing body: RawSpan) throws(ScopeError) {
        let members: [String: JSONValue]?
        do {
            members = try JSONValue(parsing: body).members(in: body)
        } catch {
            throw ScopeError(
                .malformedRequest,
                "The request's body is not valid JSON: \(error.reason) (byte \(error.offset))."
            )
        }
        guard let members else { throw ScopeError(.malformedRequest, "The request's body must be a JSON object.") }
        self.init(members: members, prefix: "")
    }

    private init(members: [String: JSONValue], prefix: String) {
        self.members = members
        self.prefix = prefix
    }

    func text(_ name: String, in body: RawSpan) throws(ScopeError) -> String? {
        try value(name, kind: .string, "a string")?.text(in: body)
    }

    func required(_ name: String, in body: RawSpan) throws(ScopeError) -> String {
        guard let text = try text(name, in: body) else { throw .missingField(prefix + name) }
        return text
    }

    func secret(_ name: String, in body: RawSpan, pool: SecretPool) throws(ScopeError) -> SecretBytes? {
        try value(name, kind: .string, "a string")?.secret(in: body, pool: pool)
    }

    func fields(_ name: String, in body: RawSpan) throws(ScopeError) -> JSONFields? {
        guard let value = try value(name, kind: .object, "an object") else { return nil }
        guard let members = try? value.members(in: body) else {
            throw ScopeError(.malformedRequest, "A field stands twice in \(prefix)\(name).")
        }
        return JSONFields(members: members, prefix: prefix + name + ".")
    }

    func integer(_ name: String, in body: RawSpan) throws(ScopeError) -> Int64? {
        guard let value = try value(name, kind: .number, "a number") else { return nil }
        guard let number = value.integer(in: body) else {
            throw ScopeError(.malformedRequest, "The field \(prefix)\(name) must be a whole number.")
        }
        return number
    }

    func truth(_ name: String) throws(ScopeError) -> Bool? {
        switch members[name]?.kind {
        case nil, .null: return nil
        case .boolean(let value): return value
        default: throw ScopeError(.malformedRequest, "The field \(prefix)\(name) must be true or false.")
        }
    }

    /// The elements of an array of strings.
    func texts(_ name: String, in body: RawSpan) throws(ScopeError) -> [String]? {
        guard let elements = try elements(name, in: body) else { return nil }
        var texts: [String] = []
        for element in elements {
            guard let text = element.text(in: body) else {
                throw ScopeError(.malformedRequest, "The field \(prefix)\(name) must hold strings.")
            }
            texts.append(text)
        }
        return texts
    }

    /// The elements of an array of objects.
    func objects(_ name: String, in body: RawSpan) throws(ScopeError) -> [JSONFields]? {
        guard let elements = try elements(name, in: body) else { return nil }
        var objects: [JSONFields] = []
        for element in elements {
            guard element.kind == .object, let members = try? element.members(in: body) else {
                throw ScopeError(
                    .malformedRequest, "The field \(prefix)\(name) must hold objects without a field that stands twice."
                )
            }
            objects.append(JSONFields(members: members, prefix: "\(prefix)\(name)."))
        }
        return objects
    }

    /// The names of all fields.
    var names: Set<String> { Set(members.keys) }

    /// Whether the field is an array.
    func isArray(_ name: String) -> Bool {
        members[name]?.kind == .array
    }

    private func elements(_ name: String, in body: RawSpan) throws(ScopeError) -> [JSONValue]? {
        guard let value = try value(name, kind: .array, "an array") else { return nil }
        return (try? value.elements(in: body)) ?? []
    }

    private func value(_ name: String, kind: JSONValue.Kind, _ words: String) throws(ScopeError) -> JSONValue? {
        guard let value = members[name], value.kind != .null else { return nil }
        guard value.kind == kind else {
            throw ScopeError(.malformedRequest, "The field \(prefix)\(name) must be \(words).")
        }
        return value
    }
}

extension ScopeError {
    /// The refusal of a request without a field that it needs.
    static func missingField(_ name: String) -> ScopeError {
        ScopeError(.invalidParameterValue, "Missing required field: \(name)")
    }
}
