import SecretMemory
import SecretScopes
import Workspace

/// Makes a workspace with many secrets and events.
///
/// It calls the services like any other caller, many at a time, so that everything is written by the engine in its own
/// batches: sealed, authenticated, and told of in the record.
struct StoreGenerator {
    var scopes: Int
    var secretsPerScope: Int
    /// The users who read; with none, the administrator reads.
    var users: Int
    /// How many events there are at least in the end; reads make up what putting left open.
    var events: Int

    /// As many calls as the engine puts into one transaction.
    private static let callers = 512
    /// How many reads in a row are of one secret.
    private static let readsInARow = 4096

    /// Makes the workspace in `folder`, which must not exist yet, and shows how far it is.
    func generate(in folder: String) async throws {
        let pool = SecretPool()
        let workspace = try await Workspace.create(
            in: folder,
            keyProvider: KeyFileProvider(path: folder + "/root.key", pool: pool),
            administrator: StoreNames.administrator,
            runBy: "hush-bench",
            pool: pool
        )
        let services = try workspace.services(runBy: "hush-bench", origin: RequestOrigin(surface: .library))
        try await makeScopes(services)
        try await putSecrets(services, pool)
        try await read(workspace)
    }

    private func makeScopes(_ services: any WorkspaceServices) async throws {
        for user in 0..<users { _ = try await services.createPrincipal(kind: .user, name: StoreNames.user(user)) }
        try await step("Making scopes", of: scopes) { number in
            let scope = StoreNames.scope(number)
            try await services.createScope(CreateScopeRequest(scope: scope))
            try await services.putACL(scope: scope, principal: "users", permission: "READ")
        }
    }

    private func putSecrets(_ services: any WorkspaceServices, _ pool: SecretPool) async throws {
        try await step("Putting secrets", of: scopes * secretsPerScope) { [secretsPerScope] number in
            let place = StoreNames.place(number, secretsPerScope: secretsPerScope)
            // As long as many a token is.
            let value = "tok_live_benchmark_\(String(1_000_000_000 + number))abc"
            try await services.putSecret(
                PutSecretRequest(
                    scope: place.scope,
                    key: place.key,
                    stringValue: SecretBytes(copying: Array(value.utf8).span.bytes, in: pool)
                ))
        }
    }

    private func read(_ workspace: Workspace) async throws {
        let missing = events - Int(try workspace.status().events)
        guard missing > 0 else { return }
        let sessions = try sessions(of: workspace)
        let secrets = scopes * secretsPerScope
        try await step("Reading secrets", of: missing) { [secretsPerScope] number in
            let place = StoreNames.place(number / Self.readsInARow % secrets, secretsPerScope: secretsPerScope)
            _ = try await sessions[number % sessions.count].getSecret(scope: place.scope, key: place.key)
        }
    }

    /// Every user on the command line, over the network, and in a notebook.
    private func sessions(of workspace: Workspace) throws -> [any WorkspaceServices] {
        let names: [String?] = users == 0 ? [nil] : (0..<users).map { StoreNames.user($0) }
        let origins = [
            RequestOrigin(surface: .commandLine, userAgent: "hush/1.0"),
            RequestOrigin(surface: .rest, address: "192.0.2.7", userAgent: "python-sdk/0.100"),
            RequestOrigin(surface: .notebook, notebook: "daily-revenue", cell: 3),
        ]
        return try names.flatMap { name in
            try origins.map { try workspace.services(as: name, runBy: name ?? "hush-bench", origin: $0) }
        }
    }

    private func step(_ what: String, of count: Int, _ call: @escaping @Sendable (Int) async throws -> Void)
        async throws
    {
        let progress = ProgressLine(what, of: count)
        let callers = min(Self.callers, max(count, 1))
        try await ConcurrentCallers.run(callers) { caller in
            for number in stride(from: caller, to: count, by: callers) {
                try await call(number)
                if caller == 0 { progress.show(number) }
            }
        }
        progress.end()
    }
}

/// The names in generated stores.
enum StoreNames {
    static let administrator = "bench@example.com"

    static func user(_ number: Int) -> String { "user-\(number)@example.com" }

    static func scope(_ number: Int) -> String { "scope-\(number)" }

    static func key(_ number: Int) -> String { "key-\(number)" }

    /// Where a secret is, counted through all scopes.
    static func place(_ number: Int, secretsPerScope: Int) -> (scope: String, key: String) {
        (scope(number / secretsPerScope), key(number % secretsPerScope))
    }
}

/// Callers at the same time.
enum ConcurrentCallers {
    /// Runs `body` for each of `callers` callers and returns when all are done.
    static func run(_ callers: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers { group.addTask { try await body(caller) } }
            try await group.waitForAll()
        }
    }
}
