internal import SecretJSON
public import SecretScopes

/// The calls about the versions of secrets, which Databricks does not have.
public enum VersionEndpoint {
    /// The versions of a secret that are kept.
    public static let list = "/api/2.0/hush/secrets/versions"
    /// The value that a secret had in one of its versions.
    public static let get = "/api/2.0/hush/secrets/get"
    /// Makes an earlier version current again.
    public static let restore = "/api/2.0/hush/secrets/restore"
}

/// What a call needs that is about one version of a secret: reading its value, or making it current again.
public struct VersionParameters: Sendable, Hashable {
    /// The scope's name.
    public var scope: String
    /// The secret's name.
    public var key: String
    /// The version's number.
    public var version: Int64

    /// Creates the parameters.
    public init(scope: String, key: String, version: Int64) {
        self.scope = scope
        self.key = key
        self.version = version
    }

    /// Reads a request's body; throws as ``ScopeParameters/init(json:)`` does.
    public init(json body: RawSpan) throws(ScopeError) {
        let fields = try JSONFields(parsing: body)
        guard let version = try fields.integer("version", in: body) else { throw .missingField("version") }
        self.init(
            scope: try fields.required("scope", in: body), key: try fields.required("key", in: body), version: version)
    }

    /// Reads a request's query; throws as ``ScopeParameters/init(query:)`` does.
    public init(query: QueryParameters) throws(ScopeError) {
        guard let version = Int64(try query.required("version")) else {
            throw ScopeError(.invalidParameterValue, "version must be a whole number.")
        }
        self.init(scope: try query.required("scope"), key: try query.required("key"), version: version)
    }

    /// The parameters as a request's body.
    public var json: [UInt8] {
        .json { json in
            json.member("scope", scope)
            json.member("key", key)
            json.member("version", version)
        }
    }

    /// The parameters as a request's query.
    public var query: QueryParameters {
        QueryParameters(["scope": scope, "key": key, "version": String(version)])
    }
}

/// The answers about versions.
public enum VersionAnswer {
    /// The versions of a secret, newest first.
    public static func versions(_ versions: [SecretVersion]) -> [UInt8] {
        .json { json in
            json.member("versions", versions) { json, version in
                json.object { json in
                    json.member("version", version.number)
                    json.member("created_timestamp", version.created.rawValue)
                    json.member("current", version.isCurrent)
                }
            }
        }
    }

    /// The number of the version that was made.
    public static func restored(_ version: Int64) -> [UInt8] {
        .json { $0.member("version", version) }
    }
}
