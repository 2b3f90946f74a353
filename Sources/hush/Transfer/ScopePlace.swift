import SecretMemory
import SecretScopes

/// A scope of this workspace, or of another one.
struct ScopePlace: TransferSource, TransferTarget, TransferPermissions {
    let service: any SecretService
    let scope: String
    /// The workspace's host, when it is another one.
    var host: String?
    let pool: SecretPool

    /// Those that wait for the disk together are written by one transaction.
    let mostCalls = 16

    var title: String { host.map { "scope \(scope) of \($0)" } ?? "scope \(scope)" }

    func names() async throws -> [String] {
        try await service.listSecrets(scope: scope).map(\.key)
    }

    func value(of name: String) async throws -> SecretBytes {
        try await service.getSecret(scope: scope, key: name).value
    }

    func check() throws {
        guard ScopeName(rawValue: scope) != nil else {
            throw CommandFailure("\(scope) is no scope's name: use 1 to 128 letters, digits and _ . @ / -.")
        }
    }

    func problem(with name: String) -> String? {
        SecretName(rawValue: name) == nil ? "is no key: use 1 to 128 letters, digits and _ . @ / -" : nil
    }

    func existingNames() async throws -> [String]? {
        try await exists() ? names() : []
    }

    func existingValue(of name: String) async throws -> SecretBytes? {
        do {
            return try await value(of: name)
        } catch let error as ScopeError where error.code == .resourceDoesNotExist {
            return nil
        }
    }

    /// Creates the scope if there is none.
    func prepare() async throws {
        guard try await !exists() else { return }
        do {
            try await service.createScope(CreateScopeRequest(scope: scope))
        } catch let error as ScopeError where error.code == .resourceAlreadyExists {
            // Somebody else was faster.
        }
    }

    func put(_ value: SecretBytes, as name: String) async throws {
        let encoded = value.withBytes { Base64.encode($0, in: pool) }
        try await service.putSecret(PutSecretRequest(scope: scope, key: name, bytesValue: encoded))
    }

    func grants() async throws -> [ACLItem] {
        try await exists() ? service.listACLs(scope: scope) : []
    }

    func grant(_ item: ACLItem) async throws {
        try await service.putACL(
            scope: scope, principal: item.principal, permission: item.permission.description)
    }

    /// Hush's limit, which is Databricks'; a vault behind a link has its own.
    func mostSecrets() async throws -> Int? {
        guard let known = try await description() else { return ScopeEngine.Limits.secretsPerScope }
        return known.backend == .native && known.link == nil ? ScopeEngine.Limits.secretsPerScope : nil
    }

    private func exists() async throws -> Bool {
        try await description() != nil
    }

    /// The scope as it is listed; `nil` when there is none.
    private func description() async throws -> SecretScope? {
        try await service.listScopes().first { $0.name.lowercased() == scope.lowercased() }
    }
}
