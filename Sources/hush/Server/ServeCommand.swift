import ArgumentParser
import Configuration
import Logging
import ScopeServer
import SecretScopes
import Workspace

/// `hush serve`.
struct ServeCommand: CancellableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the workspace over HTTP, in the manner of a Databricks workspace.",
        discussion: """
            Databricks' SDKs, command lines and Terraform work with it: they need its address and a token \
            (hush tokens create), or a service principal's client secret (hush service-principals create-secret). \
            Without --tls-cert it listens on this machine only.

            SIGTERM and SIGINT stop it when the requests that are under way have been answered; SIGHUP makes it read \
            certificate and key anew. One line of JSON per request goes to standard error, without values and tokens. \
            GET /health tells whether it is ready, GET /metrics what Prometheus asks for, and \
            GET /api/2.0/hush/openapi.json describes the rest.

            Settings that are left out are taken from the variables HUSH_LISTEN, HUSH_TLS_CERT and so on, and then \
            from the section server of $HUSH_HOME/config.yaml, under the options' names.

            EXAMPLE:
              hush serve
              hush serve --listen 0.0.0.0:443 --tls-cert server.pem --tls-key server.key
            """
    )

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Where to listen; 127.0.0.1:4874 when left out.", valueName: "host:port")
    )
    var listen: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The certificate with its chain, in PEM.", valueName: "file"),
        completion: .file()
    )
    var tlsCert: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The certificate's private key, in PEM.", valueName: "file"),
        completion: .file()
    )
    var tlsKey: String?

    @Flag(help: "Listen beyond this machine without TLS: whoever is in between reads every value and token.")
    var insecureHTTP = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The address that clients know, when a proxy stands in front; what they asked for when left out.",
            valueName: "url")
    )
    var publicURL: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Answer so many requests of each principal in a second; all when left out.", valueName: "n")
    )
    var rateLimit: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Believe X-Forwarded-For of proxies at these addresses, with commas in between.", valueName: "addresses")
    )
    var trustedProxies: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The file with settings; config.yaml beside the store when left out.", valueName: "file"),
        completion: .file()
    )
    var config: String?

    @OptionGroup var workspace: WorkspaceOptions

    func run(in program: Program) async throws {
        let settings = try settings(program.environment)
        let workspace = try await WorkspaceAccess(program, self.workspace).open()
        let errors = program.errors
        let logger = Logger(label: "hush.serve") { _ in JSONLogHandler(output: errors) }
        if let identity = settings.identity {
            program.hangups.handle { Self.reload(identity, logger: logger) }
        }
        do {
            try workspace.keepReserve()
        } catch let error as ScopeError {
            logger.warning("no space is held for deletions", metadata: ["reason": "\(error.message)"])
        }
        let routes = WorkspaceRoutes(
            gateway: workspace.gateway(
                accepting: [.personalAccessToken, .clientSecret], requestsPerSecond: settings.requestsPerSecond),
            workspace: workspace.id,
            pool: program.pool,
            links: settings.links,
            proxies: settings.proxies,
            readiness: Readiness(reason: { workspace.isDiskFull ? "DISK_FULL" : $0.code.name }) {
                try await workspace.checkReadiness()
            },
            metrics: ServerMetrics { workspace.figures }
        )
        let server = NetworkServer(
            router: { routes.makeRouter() },
            address: settings.address,
            identity: settings.identity,
            limits: NetworkServer.Limits(),
            recordingUnreadable: { await routes.countUnreadable(from: $0) },
            logger: logger,
            patience: .seconds(20)
        )
        try await server.run { port in
            let bound = ListenAddress(host: settings.address.host, port: port)
            errors.writeMessage("Listening on \(settings.identity == nil ? "http" : "https")://\(bound)")
            try await Self.waitUntilCancelled()
        }
    }

    private func settings(_ environment: ProcessEnvironment) throws -> ServerSettings {
        let file: SettingsFile?
        if let config {
            file = try SettingsFile.read(config)
            guard file != nil else { throw CommandFailure("There are no settings at \(config).") }
        } else {
            file = try SettingsFile.read(SettingsFile.path(in: environment.workspaceFolder()))
        }
        var given: [Setting: ConfigContent] = [:]
        given[.listen] = listen.map { .string($0) }
        given[.tlsCertificate] = tlsCert.map { .string($0) }
        given[.tlsKey] = tlsKey.map { .string($0) }
        given[.insecureHTTP] = insecureHTTP ? .bool(true) : nil
        given[.publicURL] = publicURL.map { .string($0) }
        given[.trustedProxies] = trustedProxies.map { .string($0) }
        given[.rateLimit] = rateLimit.map { .int($0) }
        return try ServerSettings(SettingsSources(options: given, environment: environment, file: file))
    }

    private static func reload(_ identity: TLSIdentity, logger: Logger) {
        do {
            try identity.reload()
            logger.info("certificate reloaded")
        } catch {
            let reason = (error as? ScopeError)?.message ?? "unknown"
            logger.error("certificate not reloaded; the one in use stays", metadata: ["reason": "\(reason)"])
        }
    }

    /// Waits for the signal that stops the server.
    private static func waitUntilCancelled() async throws {
        do {
            while true { try await Task.sleep(for: .seconds(24 * 60 * 60)) }
        } catch is CancellationError {
            return
        }
    }
}
