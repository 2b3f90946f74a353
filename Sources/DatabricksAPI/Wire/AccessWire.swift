internal import SecretJSON
public import SecretScopes

/// The call about who may do what with a scope, which Databricks does not have.
public enum AccessEndpoint {
    /// What one principal may do with a scope, or what everybody may.
    public static let access = "/api/2.0/hush/access"
}

/// Whose access to what is asked for.
public struct AccessParameters: Sendable, Hashable {
    /// The scope's name.
    public var scope: String
    /// The principal's name; `nil` for everybody who may read.
    public var principal: String?

    /// Creates the parameters.
    public init(scope: String, principal: String? = nil) {
        self.scope = scope
        self.principal = principal
    }

    /// Reads a request's query; throws as ``ScopeParameters/init(query:)`` does.
    public init(query: QueryParameters) throws(ScopeError) {
        self.init(scope: try query.required("scope"), principal: query["principal"])
    }

    /// The parameters as a request's query.
    public var query: QueryParameters {
        var values = ["scope": scope]
        values["principal"] = principal
        return QueryParameters(values)
    }
}

extension PrincipalKind {
    /// The kind as answers name it.
    var wireName: String {
        switch self {
        case .user: "USER"
        case .group: "GROUP"
        case .servicePrincipal: "SERVICE_PRINCIPAL"
        }
    }

    /// Finds a kind by its name in answers.
    init?(wireName: String) {
        guard let kind = Self.allCases.first(where: { $0.wireName == wireName }) else { return nil }
        self = kind
    }
}

/// The answer about who may do what with a scope.
public enum AccessAnswer {
    /// What each of some principals may do, and why.
    public static func access(_ list: [ScopeAccess]) -> [UInt8] {
        .json { json in
            json.member("access", list) { json, access in
                json.object { json in
                    json.member("scope", access.scope)
                    json.member("principal") { write(access.principal, to: &$0) }
                    json.member("permission", access.permission?.description)
                    json.member("reasons", access.reasons) { json, reason in
                        json.object { json in
                            json.member("permission", reason.permission.description)
                            json.member("path", reason.path) { $0.element($1) }
                            json.member("administration", reason.isAdministration)
                        }
                    }
                }
            }
        }
    }

    private static func write(_ principal: Principal, to json: inout JSONWriter) {
        json.member("id", principal.id.description)
        json.member("kind", principal.kind.wireName)
        json.member("name", principal.name)
        json.member("display_name", principal.displayName)
        json.member("active", principal.isActive)
    }
}
