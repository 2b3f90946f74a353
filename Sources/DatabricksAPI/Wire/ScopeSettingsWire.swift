internal import SecretJSON
public import SecretScopes

/// The calls about the settings of scopes, which Databricks does not have.
public enum ScopeSettingsEndpoint {
    /// All scopes with their settings.
    public static let list = "/api/2.0/hush/scopes/list"
    /// Sets the least redaction of a scope's values.
    public static let setRedaction = "/api/2.0/hush/scopes/set-redaction"
}

/// What setting the least redaction of a scope's values needs.
public struct RedactionParameters: Sendable, Hashable {
    /// The scope's name.
    public var scope: String
    /// The level.
    public var level: MinimumRedaction

    /// Creates the parameters.
    public init(scope: String, level: MinimumRedaction) {
        self.scope = scope
        self.level = level
    }

    /// Reads a request's body; throws as ``ScopeParameters/init(json:)`` does.
    public init(json body: RawSpan) throws(ScopeError) {
        let fields = try JSONFields(parsing: body)
        let scope = try fields.required("scope", in: body)
        guard let level = MinimumRedaction(named: try fields.required("minimum_redaction", in: body)) else {
            throw ScopeError(.invalidParameterValue, "minimum_redaction must be literal, encoded or strict.")
        }
        self.init(scope: scope, level: level)
    }

    /// The parameters as a request's body.
    public var json: [UInt8] {
        .json { json in
            json.member("scope", scope)
            json.member("minimum_redaction", level.description)
        }
    }
}

/// The answers about the settings of scopes.
public enum ScopeSettingsAnswer {
    /// All scopes, with what Databricks does not tell of them.
    public static func scopes(_ scopes: [SecretScope]) -> [UInt8] {
        .json { json in
            json.member("scopes", scopes) { json, scope in
                json.object { json in
                    json.member("name", scope.name)
                    json.member("backend_type", scope.backend.wireName)
                    json.member("minimum_redaction", scope.minimumRedaction.description)
                    guard let link = scope.link else { return }
                    json.member("link") { json in
                        json.member("kind", link.kind)
                        json.member("address", link.address)
                        json.member("resource_id", link.resourceID)
                    }
                }
            }
        }
    }
}
