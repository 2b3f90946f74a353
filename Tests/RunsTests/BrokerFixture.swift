import DatabricksAPI
import Runs
import SecretMemory
import SecretScopes
import Workspace
import WorkspaceFixtures

/// A workspace with a scope, a value and principals, in which runs are started.
struct BrokerFixture: Sendable {
    static let reader = "ana@example.com"
    static let stranger = "eve@example.com"
    static let value = "tok_live_8f2c61d0aa"

    let fixture: TemporaryWorkspace

    /// Makes a workspace with the scope `payments`, its key `api-key`, and a reader.
    init() async throws {
        fixture = try await TemporaryWorkspace()
        try await fixture.services().createScope(CreateScopeRequest(scope: "payments"))
        try await fixture.put(Self.value, scope: "payments", key: "api-key")
        try await fixture.grant(.read, on: "payments", to: Self.reader)
        _ = try await fixture.services().createPrincipal(kind: .user, name: Self.stranger)
    }

    /// Starts runs as `principal`.
    func starter(as principal: String? = reader) throws -> RunStarter {
        RunStarter(
            services: try fixture.services(as: principal),
            gateway: fixture.workspace.gateway(accepting: [.runToken]),
            workspace: fixture.workspace.id,
            pool: fixture.pool
        )
    }

    /// A client over the wire, with the run's token unless another one is given.
    func client(of run: Run, token: SecretBytes? = nil) throws -> DatabricksClient {
        try DatabricksClient(host: WorkspaceHost(run.host), credential: .token(token ?? run.token), pool: fixture.pool)
    }

    /// The events of one operation, oldest first.
    func events(_ operation: Operation) async throws -> [AuditEvent] {
        var query = AuditQuery()
        query.operation = operation
        return try await fixture.services().events(query)
    }
}
