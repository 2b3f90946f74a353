package import SecretMemory
internal import SecretScopes

/// A program that answers for a vault.
package struct ProgramVault: Vault {
    /// How many children a link may have at a time.
    private static let places = 4

    private let path: String
    private let arguments: [String]
    private let environment: [String: String]
    private let dialect: any ProgramDialect
    private let mayList: Bool
    private let timeout: Duration
    private let pool: SecretPool
    private let work = WaitingWork(places: Self.places)

    init(
        path: String, arguments: [String], environment: [String: String], dialect: any ProgramDialect, mayList: Bool,
        timeout: Duration, pool: SecretPool
    ) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.dialect = dialect
        self.mayList = mayList
        self.timeout = timeout
        self.pool = pool
    }

    package var capabilities: VaultCapabilities {
        var capabilities = dialect.capabilities
        if !mayList { capabilities.canList = false }
        return capabilities
    }

    package var nameRules: NameRules { dialect.nameRules }

    package func get(_ name: String, _ call: VaultCall) async throws(VaultFailure) -> VaultSecret {
        try await dialect.get(name, session(call))
    }

    package func list(prefix: String, _ call: VaultCall) async throws(VaultFailure) -> [VaultEntry] {
        try await dialect.list(session(call))
    }

    package func put(
        _ value: SecretBytes, as name: String, _ call: VaultCall
    ) async throws(VaultFailure) -> String? {
        try await dialect.put(value, as: name, session(call))
    }

    package func delete(_ name: String, _ call: VaultCall) async throws(VaultFailure) {
        try await dialect.delete(name, session(call))
    }

    private func session(_ call: VaultCall) -> ProgramSession {
        ProgramSession(
            path: path, arguments: arguments, environment: environment, scope: call.scope,
            deadline: min(call.deadline, .now + timeout), work: work, pool: pool)
    }
}
