public import SecretMemory

/// The eleven operations of the Databricks Secrets API, on behalf of one caller.
///
/// Names come in as text, as they came from the client: a name that breaks the grammar is refused by the service, so
/// that the refusal stands in the audit record. Every call leaves one audit event, granted or refused. Every method
/// throws ``ScopeError``.
///
/// ```swift
/// func password(from secrets: any SecretService) async throws -> SecretBytes {
///     try await secrets.getSecret(scope: "payments", key: "database-password").value
/// }
/// ```
public protocol SecretService: Sendable {
    /// Creates a scope. Any principal may.
    func createScope(_ request: CreateScopeRequest) async throws
    /// Deletes a scope with its secrets and its ACL. Needs MANAGE.
    func deleteScope(_ scope: String) async throws
    /// Lists all scopes by name. Any principal may: scope names are not secret.
    func listScopes() async throws -> [SecretScope]
    /// Stores a value, replacing the one that is there. Needs WRITE.
    func putSecret(_ request: PutSecretRequest) async throws
    /// Deletes a secret. Needs WRITE.
    func deleteSecret(scope: String, key: String) async throws
    /// Lists the names of a scope's secrets, never their values. Needs READ.
    func listSecrets(scope: String) async throws -> [SecretMetadata]
    /// Reads a value. Needs READ.
    func getSecret(scope: String, key: String) async throws -> Secret
    /// Grants `permission` to `principal`, replacing what it was granted before. Needs MANAGE.
    func putACL(scope: String, principal: String, permission: String) async throws
    /// Takes away what `principal` was granted. Needs MANAGE.
    func deleteACL(scope: String, principal: String) async throws
    /// What `principal` was granted directly. Needs MANAGE.
    func getACL(scope: String, principal: String) async throws -> ACLItem
    /// Everything that was granted, by principal. Needs MANAGE.
    func listACLs(scope: String) async throws -> [ACLItem]
}

/// What `createScope` takes.
public struct CreateScopeRequest: Sendable, Hashable {
    /// The address of an Azure Key Vault, as clients send it.
    public struct AzureKeyVault: Sendable, Hashable {
        /// The vault's Azure resource id.
        public var resourceID: String?
        /// The vault's host name.
        public var dnsName: String?

        /// Creates the address.
        public init(resourceID: String?, dnsName: String?) {
            self.resourceID = resourceID
            self.dnsName = dnsName
        }
    }

    /// The name.
    public var scope: String
    /// Who gets MANAGE instead of the creator; only `users` is accepted.
    public var initialManagePrincipal: String?
    /// `DATABRICKS`, which is the default, or `AZURE_KEYVAULT`.
    public var backendType: String?
    /// The vault, when the scope is to be linked to one.
    public var azureKeyVault: AzureKeyVault?
    /// What the scope is to be linked to; Databricks knows Azure Key Vaults alone.
    public var link: Link?

    /// What a scope is to be linked to; see ``LinkScopeRequest``.
    public struct Link: Sendable, Hashable {
        /// The vault's address.
        public var address: String
        /// Further options by name.
        public var options: [String: String]
        /// Where the credential is read.
        public var credential: String?

        /// Creates a link.
        public init(address: String, options: [String: String] = [:], credential: String? = nil) {
            self.address = address
            self.options = options
            self.credential = credential
        }
    }

    /// Creates a request.
    public init(
        scope: String,
        initialManagePrincipal: String? = nil,
        backendType: String? = nil,
        azureKeyVault: AzureKeyVault? = nil,
        link: Link? = nil
    ) {
        self.scope = scope
        self.initialManagePrincipal = initialManagePrincipal
        self.backendType = backendType
        self.azureKeyVault = azureKeyVault
        self.link = link
    }
}

/// What `putSecret` takes: exactly one of the two values.
public struct PutSecretRequest: Sendable {
    /// The scope's name.
    public var scope: String
    /// The secret's name.
    public var key: String
    /// The value as text: its UTF-8 bytes are stored as they are. An empty text is stored.
    public var stringValue: SecretBytes?
    /// The value's bytes in base64.
    public var bytesValue: SecretBytes?

    /// Creates a request.
    public init(scope: String, key: String, stringValue: SecretBytes? = nil, bytesValue: SecretBytes? = nil) {
        self.scope = scope
        self.key = key
        self.stringValue = stringValue
        self.bytesValue = bytesValue
    }
}

/// Where a scope keeps its values, as the Databricks API names it.
public enum ScopeBackend: UInt8, Sendable, Hashable {
    /// In the workspace's own encrypted database.
    case native = 1
    /// In an Azure Key Vault.
    case azureKeyVault = 2
    /// In another kind of external vault, which Databricks has no word for: older clients know only two.
    case linked = 3

    /// The name on the wire.
    public var wireName: String {
        switch self {
        case .native, .linked: "DATABRICKS"
        case .azureKeyVault: "AZURE_KEYVAULT"
        }
    }

    /// Finds a backend by its name on the wire.
    public init?(wireName: String) {
        switch wireName {
        case "DATABRICKS": self = .native
        case "AZURE_KEYVAULT": self = .azureKeyVault
        default: return nil
        }
    }
}

/// A scope, as `listScopes` shows it.
public struct SecretScope: Sendable, Hashable {
    /// The name, in the case it was made with.
    public var name: String
    /// Where it keeps its values.
    public var backend: ScopeBackend
    /// The least redaction of its values; not known over the network.
    public var minimumRedaction: MinimumRedaction
    /// What it is linked to; `nil` when it is a native scope.
    public var link: ScopeLinkSummary?

    /// Creates the description of a scope.
    public init(
        name: String,
        backend: ScopeBackend,
        minimumRedaction: MinimumRedaction = .literal,
        link: ScopeLinkSummary? = nil
    ) {
        self.name = name
        self.backend = backend
        self.minimumRedaction = minimumRedaction
        self.link = link
    }
}

/// What everybody may know of a scope's link.
public struct ScopeLinkSummary: Sendable, Hashable {
    /// The kind of the vault, such as `vault`; kinds of later servers among them.
    public var kind: String
    /// The vault's address.
    public var address: String
    /// The Azure resource id, if the scope was made with one.
    public var resourceID: String?

    /// Creates a summary.
    public init(kind: String, address: String, resourceID: String? = nil) {
        self.kind = kind
        self.address = address
        self.resourceID = resourceID
    }

    init(_ link: ScopeLink) {
        self.init(kind: link.kind.name, address: link.address, resourceID: link.options["resource-id"])
    }
}

/// A secret without its value.
public struct SecretMetadata: Sendable, Hashable {
    /// The name, in the case it was made with.
    public var key: String
    /// When the value was last put.
    public var lastUpdated: Timestamp

    /// Creates the description of a secret.
    public init(key: String, lastUpdated: Timestamp) {
        self.key = key
        self.lastUpdated = lastUpdated
    }
}

/// A secret with its value.
public struct Secret: Sendable {
    /// The name, in the case it was made with.
    public var key: String
    /// The value.
    public var value: SecretBytes
    /// The version's number, from 1.
    public var version: Int64
    /// The least redaction of the value wherever it may be shown; not known from Databricks.
    public var minimumRedaction: MinimumRedaction

    /// Creates a secret.
    public init(key: String, value: SecretBytes, version: Int64, minimumRedaction: MinimumRedaction = .literal) {
        self.key = key
        self.value = value
        self.version = version
        self.minimumRedaction = minimumRedaction
    }
}

/// One grant of an ACL.
public struct ACLItem: Sendable, Hashable {
    /// The principal's name.
    public var principal: String
    /// What it was granted.
    public var permission: Permission

    /// Creates a grant.
    public init(principal: String, permission: Permission) {
        self.principal = principal
        self.permission = permission
    }
}
