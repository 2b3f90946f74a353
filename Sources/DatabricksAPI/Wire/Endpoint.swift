public import SecretScopes

/// The calls of the Databricks REST API that Hush answers, with their methods and paths.
///
/// Deletions are `POST` with a body, as Databricks has them. A `GET` carries query parameters only.
public enum Endpoint: Sendable, Hashable, CaseIterable {
    case createScope
    case deleteScope
    case listScopes
    case putSecret
    case deleteSecret
    case listSecrets
    case getSecret
    case putACL
    case deleteACL
    case getACL
    case listACLs
    case currentPrincipal

    /// The largest request body that is read, in bytes. A value of 131,072 bytes fits even when every one of its bytes
    /// is written as a six-byte escape.
    public static let largestBody = 1024 * 1024

    /// The path of the document that clients ask for first, without a credential.
    public static let configurationPath = "/.well-known/databricks-config"

    /// What it asks for.
    public var operation: Operation {
        switch self {
        case .createScope: .createScope
        case .deleteScope: .deleteScope
        case .listScopes: .listScopes
        case .putSecret: .putSecret
        case .deleteSecret: .deleteSecret
        case .listSecrets: .listSecrets
        case .getSecret: .getSecret
        case .putACL: .putACL
        case .deleteACL: .deleteACL
        case .getACL: .getACL
        case .listACLs: .listACLs
        case .currentPrincipal: .currentPrincipal
        }
    }

    /// Whether it is a `POST` with a body; else it is a `GET`.
    public var hasBody: Bool {
        switch self {
        case .createScope, .deleteScope, .putSecret, .deleteSecret, .putACL, .deleteACL: true
        case .listScopes, .listSecrets, .getSecret, .getACL, .listACLs, .currentPrincipal: false
        }
    }

    /// The path, without the query.
    public var path: String {
        switch self {
        case .createScope: "/api/2.0/secrets/scopes/create"
        case .deleteScope: "/api/2.0/secrets/scopes/delete"
        case .listScopes: "/api/2.0/secrets/scopes/list"
        case .putSecret: "/api/2.0/secrets/put"
        case .deleteSecret: "/api/2.0/secrets/delete"
        case .listSecrets: "/api/2.0/secrets/list"
        case .getSecret: "/api/2.0/secrets/get"
        case .putACL: "/api/2.0/secrets/acls/put"
        case .deleteACL: "/api/2.0/secrets/acls/delete"
        case .getACL: "/api/2.0/secrets/acls/get"
        case .listACLs: "/api/2.0/secrets/acls/list"
        case .currentPrincipal: "/api/2.0/preview/scim/v2/Me"
        }
    }
}
