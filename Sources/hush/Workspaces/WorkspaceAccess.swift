import DatabricksAPI
import Glibc
import Runs
import ScopeManifests
import SecretMemory
import SecretScopes
import Workspace

/// Opens what a command works on: a server that was named, the workspace in `$HUSH_HOME`, or, inside a run, the run's
/// broker.
struct WorkspaceAccess {
    private let program: Program
    private let unlocking: WorkspaceUnlocking
    private let choice: ServerChoice
    /// Whether the store's log is left to the next process; see ``Workspace/Workspace/leaveLog()``.
    var leavesLog = false

    init(_ program: Program, _ options: WorkspaceOptions, _ server: ServerOptions? = nil) {
        self.init(program, WorkspaceUnlocking(options), server.map { ServerChoice($0) } ?? ServerChoice())
    }

    init(_ program: Program, _ unlocking: WorkspaceUnlocking, _ choice: ServerChoice) {
        self.program = program
        self.unlocking = unlocking
        self.choice = choice
    }

    /// Secrets as the local administrator or as another principal; inside a run as the run's, on a server as the
    /// credential's.
    ///
    /// - Parameter reason: Why, for the audit record; inside a run it is not told.
    func secrets(as principal: String?, reason: String? = nil) async throws -> any SecretService {
        if Self.isInsideRun(program.environment) {
            guard principal == nil else {
                throw CommandFailure("A run has one principal. Leave out --as inside a run.")
            }
            guard !choice.isGiven else {
                throw CommandFailure(
                    "A run has one server. Leave out --host, --token and --profile inside a run.")
            }
            return try client()
        }
        if let client = try await remote(as: principal, reason: reason) { return client }
        return try await services(of: open(), as: principal, reason: reason)
    }

    /// Principals, tokens and client secrets, here or on a server.
    func identities(as principal: String? = nil) async throws -> any IdentityService {
        if let client = try await remote(as: principal) { return client }
        return try await services(of: open(), as: principal)
    }

    /// The links of scopes, here or on a server.
    func links(as principal: String? = nil) async throws -> any LinkService {
        if let client = try await remote(as: principal) { return client }
        return try await services(of: open(), as: principal)
    }

    /// Versions of secrets, here or on a server.
    func versions(as principal: String? = nil) async throws -> any SecretVersionService {
        if let client = try await remote(as: principal) { return client }
        return try await services(of: open(), as: principal)
    }

    /// All scopes with their settings, here or on a server.
    func scopeSettings(as principal: String? = nil) async throws -> [SecretScope] {
        try await scopes(as: principal).scopeSettings()
    }

    /// The settings of scopes and who may do what with them, here or on a server.
    func scopes(as principal: String? = nil) async throws -> any ScopeSettingsService & AccessService {
        if let client = try await remote(as: principal) { return client }
        return try await services(of: open(), as: principal)
    }

    /// What manifests are compared with and applied to, here or on a server.
    func manifestServices() async throws -> any ManifestServices {
        try await manifestTarget().services
    }

    /// The workspace that manifests are compared with and applied to, here or on a server.
    ///
    /// - Parameter apply: The id of the apply that everything belongs to, for the audit record.
    func manifestTarget(apply: String? = nil) async throws -> ManifestTarget {
        if let client = try await remote() {
            let client = client.claiming { RequestClaims(apply: apply) }
            return ManifestTarget(
                services: client, workspaceNumber: { try await client.caller().workspaceNumber },
                events: { try await client.events($0).events })
        }
        let workspace = try await open()
        let services = try services(of: workspace, apply: apply)
        return ManifestTarget(
            services: services, workspaceNumber: { Answer.number(of: workspace.id) },
            events: { try await services.events($0) })
    }

    /// A client for the server that was named; `nil` when none was.
    func remote(as principal: String? = nil, reason: String? = nil) async throws -> DatabricksClient? {
        try Self.checkOutsideRun(program.environment)
        guard let connection = try connection() else { return nil }
        let client = try connection.client(in: program).claiming { RequestClaims(reason: reason) }
        guard let principal else { return client }
        return try await client.acting(as: principal)
    }

    /// The server that was named; `nil` when none was.
    func connection() throws -> ServerConnection? {
        guard let connection = try ServerConnection.find(choice, in: program) else { return nil }
        guard unlocking == WorkspaceUnlocking() else {
            throw UsageFailure("--key-file and --passphrase-fd are for this machine's workspace, not for a server.")
        }
        return connection
    }

    /// All services as the local administrator or as another principal. They are not there inside a run or on a server.
    func services(as principal: String? = nil) async throws -> any EmbeddedServices {
        try Self.checkOutsideRun(program.environment)
        if choice.isGiven || program.environment.text("HUSH_HOST") != nil {
            throw CommandFailure(
                "A server has no call for this. Call it on the machine with the workspace, without --host, --profile "
                    + "and HUSH_HOST."
            )
        }
        return try await services(of: open(), as: principal)
    }

    /// All services of a workspace that was opened here.
    ///
    /// - Parameters:
    ///   - reason: Why, for the audit record.
    ///   - apply: The id of the apply that everything belongs to.
    func services(
        of workspace: Workspace, as principal: String? = nil, reason: String? = nil, apply: String? = nil
    ) throws -> any EmbeddedServices {
        var origin = Self.origin
        origin.reason = reason
        origin.apply = apply
        return try workspace.services(as: principal, runBy: program.environment.userName, origin: origin)
    }

    /// Where commands come from, for the audit record.
    static let origin = RequestOrigin(surface: .commandLine, userAgent: Product.userAgent)

    /// What runs are started from: the workspace on this machine, or a server.
    func runOrigin(as principal: String?) async throws -> RunOrigin {
        if let connection = try connection() {
            try Self.checkOutsideRun(program.environment)
            let client = try connection.client(in: program)
            if let principal {
                return try await .server(connection, client.acting(as: principal), in: program)
            }
            return try await .server(connection, client, in: program)
        }
        let workspace = try await open()
        let starter = RunStarter(
            services: try services(of: workspace, as: principal),
            gateway: workspace.gateway(accepting: [.runToken]),
            workspace: workspace.id,
            pool: program.pool
        )
        return RunOrigin(
            starter: starter,
            folder: workspace.folder,
            keyFile: keyFile(in: workspace.folder),
            notebooks: workspace.folder + "/notebooks",
            authenticator: try workspace.authenticator(for: "notebook-builds")
        )
    }

    /// Opens the workspace on this machine. It is out of reach inside a run.
    func open() async throws -> Workspace {
        try Self.checkOutsideRun(program.environment)
        let folder = try program.environment.workspaceFolder()
        let workspace = try await Workspace.open(
            folder, keyProvider: keyProvider(in: folder), pool: program.pool,
            links: { [environment = program.environment] in try LinkSettings.read(environment, folder: folder) })
        if leavesLog { workspace.leaveLog() }
        return workspace
    }

    /// Where the key file lies when it is not named.
    static func defaultKeyFile(in folder: String) -> String {
        folder + "/root.key"
    }

    /// The key file that the workspace in `folder` is opened with, or would be.
    func keyFile(in folder: String) -> String {
        unlocking.keyFile ?? Self.defaultKeyFile(in: folder)
    }

    /// Refuses to make a workspace where one is.
    ///
    /// - Throws: ``CommandFailure`` when there is one in `folder`.
    static func checkThereIsNone(in folder: String) throws {
        guard Glibc.access(Workspace.storePath(in: folder), F_OK) != 0 else {
            throw CommandFailure(
                "There is a workspace in \(folder) already. Set HUSH_HOME to another folder, or move this one away.")
        }
    }

    /// Refuses what works on a whole workspace inside a run.
    ///
    /// - Throws: ``CommandFailure`` inside a run.
    static func checkOutsideRun(_ environment: ProcessEnvironment) throws {
        guard isInsideRun(environment) else { return }
        throw CommandFailure(
            "This command works on the whole workspace, which a run cannot reach. Call it outside the run.")
    }

    /// Whether the process was started inside a run, where only the run's broker is asked. `HUSH_RUN` names the run,
    /// and `HUSH_CHILD` marks every process that a run started.
    private static func isInsideRun(_ environment: ProcessEnvironment) -> Bool {
        environment.text("HUSH_RUN") != nil || environment.text("HUSH_CHILD") != nil
    }

    private func client() throws -> DatabricksClient {
        guard
            let host = program.environment.text("DATABRICKS_HOST"),
            let token = program.environment.secret("DATABRICKS_TOKEN", in: program.pool)
        else {
            throw CommandFailure("This run's server is not known. Keep DATABRICKS_HOST and DATABRICKS_TOKEN set.")
        }
        var options = DatabricksClient.Options()
        options.userAgent = Product.userAgent
        return try DatabricksClient(
            host: WorkspaceHost(host), credential: .token(token), pool: program.pool, options: options)
    }

    /// What unlocks a workspace in `folder`.
    ///
    /// - Throws: ``UsageFailure`` when the options contradict each other, ``CommandFailure`` when the descriptor that
    ///   they name holds no passphrase.
    func keyProvider(in folder: String) throws -> any KeyProvider {
        let prompt = PassphrasePrompt(program: program)
        if let descriptor = unlocking.passphraseFd {
            guard unlocking.keyFile == nil else {
                throw UsageFailure("--key-file and --passphrase-fd exclude each other. Leave out one.")
            }
            return PassphraseProvider(passphrase: try prompt.read(from: descriptor))
        }
        let keyFile = KeyFileProvider(path: keyFile(in: folder), pool: program.pool)
        return unlocking.keyFile == nil ? LocalKeyProvider(keyFile: keyFile, prompt: prompt) : keyFile
    }
}
