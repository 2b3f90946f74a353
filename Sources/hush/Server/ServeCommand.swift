import ArgumentParser
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

            Settings that are left out are taken from HUSH_LISTEN, HUSH_PUBLIC_URL, HUSH_TLS_CERT and \
            HUSH_TLS_KEY.

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

    @OptionGroup var workspace: WorkspaceOptions

    /// Where it listens unless it is told otherwise.
    private static let defaultAddress = ListenAddress(host: "127.0.0.1", port: 4874)

    func run(in program: Program) async throws {
        let address = try address(program.environment)
        let identity = try identity(program.environment)
        guard identity != nil || address.isLoopback || insecureHTTP else {
            throw UsageFailure(
                "\(address) can be reached from other machines. Give --tls-cert and --tls-key, or --insecure-http if "
                    + "something else encrypts the way to it."
            )
        }
        let links = try links(program.environment, isSecure: identity != nil)
        if let rateLimit, rateLimit < 1 { throw UsageFailure("--rate-limit wants a number from 1 on") }
        let workspace = try await WorkspaceAccess(program, self.workspace).open()
        let errors = program.errors
        let logger = Logger(label: "hush.serve") { _ in JSONLogHandler(output: errors) }
        if let identity {
            program.hangups.handle { Self.reload(identity, logger: logger) }
        }
        let routes = WorkspaceRoutes(
            gateway: workspace.gateway(
                accepting: [.personalAccessToken, .clientSecret], requestsPerSecond: rateLimit),
            workspace: workspace.id,
            pool: program.pool,
            links: links,
            readiness: Readiness { try await workspace.checkReadiness() },
            metrics: ServerMetrics { workspace.figures }
        )
        let server = NetworkServer(
            router: { routes.makeRouter() },
            address: address,
            identity: identity,
            limits: NetworkServer.Limits(),
            logger: logger,
            patience: .seconds(20)
        )
        try await server.run { port in
            let bound = ListenAddress(host: address.host, port: port)
            errors.writeMessage("Listening on \(identity == nil ? "http" : "https")://\(bound)")
            try await Self.waitUntilCancelled()
        }
    }

    private func address(_ environment: ProcessEnvironment) throws -> ListenAddress {
        guard let text = listen ?? environment.text("HUSH_LISTEN") else { return Self.defaultAddress }
        guard let address = ListenAddress(text) else {
            throw UsageFailure("--listen wants a host and a port, such as 127.0.0.1:4874 or [::1]:4874")
        }
        return address
    }

    private func identity(_ environment: ProcessEnvironment) throws -> TLSIdentity? {
        let certificate = tlsCert ?? environment.text("HUSH_TLS_CERT")
        let key = tlsKey ?? environment.text("HUSH_TLS_KEY")
        guard certificate != nil || key != nil else { return nil }
        guard let certificate, let key else {
            throw UsageFailure("--tls-cert and --tls-key go together. Give both.")
        }
        return try TLSIdentity(certificatePath: certificate, keyPath: key)
    }

    private func links(_ environment: ProcessEnvironment, isSecure: Bool) throws -> ServerOrigin {
        guard let url = publicURL ?? environment.text("HUSH_PUBLIC_URL") else {
            return .asRequested(isSecure: isSecure)
        }
        guard let links = ServerOrigin.fixed(url) else {
            throw UsageFailure("--public-url wants a scheme and a host, such as https://hush.example.com")
        }
        return links
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
