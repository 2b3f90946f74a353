import ArgumentParser
import DatabricksAPI
import Glibc
import SecretMemory
import SecretScopes

/// `hush auth`.
struct AuthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auth",
        abstract: "Store the credential for a server, and show who one is there.",
        discussion: """
            Commands work on a server when they are given --host and HUSH_TOKEN, HUSH_HOST and HUSH_TOKEN, or --profile \
            with a profile of ~/.databrickscfg, which Databricks' own tools use too.

            EXAMPLE:
              hush auth login --host https://hush.example.com --profile team
              hush auth describe --profile team
            """,
        subcommands: [LoginCommand.self, DescribeCommand.self]
    )
}

/// `hush auth login`.
struct LoginCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Store a server and the credential for it as a profile.",
        discussion: """
            The token, or with --client-id the client secret, is read from standard input: typed without being shown, or \
            one line. It is tried before anything is stored. The profiles are in ~/.databrickscfg, or in the file that \
            DATABRICKS_CONFIG_FILE names, which nobody else can read afterwards; what else it holds stays as it is.

            EXAMPLE:
              hush auth login --host https://hush.example.com --profile team
              hush auth login --host https://hush.example.com --profile ci --client-id "$ID" < client-secret
            """
    )

    @Option(parsing: .unconditional, help: ArgumentHelp("The server's address.", valueName: "url"))
    var host: String

    @Option(parsing: .unconditional, help: ArgumentHelp("The profile's name.", valueName: "name"))
    var profile: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Sign in as this service principal, by a client secret.", valueName: "application-id")
    )
    var clientID: String?

    @Flag(help: "Replace a profile of that name.")
    var overwrite = false

    @OptionGroup var format: OutputOptions

    func run(in program: Program) async throws {
        try WorkspaceAccess.checkOutsideRun(program.environment)
        try checkName()
        let address = try WorkspaceHost(host)
        let path = try ProfileFile.path(in: program.environment)
        let file = try ProfileFile(path: path, pool: program.pool)
        let isThere = file?.lines(ofProfile: profile) != nil
        guard overwrite || !isThere else {
            throw CommandFailure(
                "There is a profile \(profile) in \(path) already. Choose another name, or replace it by --overwrite.")
        }
        let secret = try readSecret(in: program)
        let connection = ServerConnection(
            host: address, credential: credential(secret), source: .profile(name: profile, file: path))
        let principal = try await connection.client(in: program).currentPrincipal()
        let contents = ProfileFile.contents(
            of: file,
            with: entries(address, secret, program.pool),
            inProfile: profile,
            // Every other way to sign in, which would contradict this one.
            dropping: ["host", "token", "client_id", "client_secret", "auth_type", "username", "password"],
            pool: program.pool
        )
        try ProfileFile.write(contents, to: path)
        let document = JSON.object([
            ("host", .text(address.description)), ("principal", .principal(principal)), ("profile", .text(profile)),
            ("file", .text(path)), ("replaced", .boolean(isThere)),
        ])
        switch format.output {
        case .text:
            try program.output.write(
                "\(isThere ? "Replaced" : "Stored") profile \(profile) in \(path): \(principal.name) at \(address).\n")
        case .json: try program.output.write(document.indented)
        }
    }

    private func checkName() throws {
        let isName =
            !profile.isEmpty && profile != "__settings__"
            && profile.utf8.allSatisfy { byte in
                (0x21...0x7E).contains(byte) && ![UInt8(ascii: "["), UInt8(ascii: "]")].contains(byte)
            }
        guard isName else {
            throw UsageFailure("--profile wants a name of letters, digits and signs other than brackets.")
        }
    }

    private func readSecret(in program: Program) throws -> SecretBytes {
        let what = clientID == nil ? "token" : "client secret"
        guard let input = program.input else {
            throw CommandFailure("Standard input is closed. Pass the \(what) there.")
        }
        let prompt = HiddenPrompt(
            terminal: input, output: program.errors, echo: program.terminal, pool: program.pool)
        let line =
            isatty(input) == 1
            ? try prompt.read("The \(what)")
            : try SecretLine.read(from: input, limit: HiddenPrompt.longestLine, in: program.pool)
        guard let line, line.count > 0 else {
            throw CommandFailure("No \(what) was entered. Pass it as one line on standard input.")
        }
        return line
    }

    private func credential(_ secret: SecretBytes) -> ClientCredential {
        guard let clientID else { return .token(secret) }
        return .clientSecret(ClientCredentials(clientID: clientID, clientSecret: secret))
    }

    private func entries(
        _ host: WorkspaceHost, _ secret: SecretBytes, _ pool: SecretPool
    ) -> [(key: String, value: SecretBytes)] {
        func plain(_ text: String) -> SecretBytes { SecretBytes(copying: Array(text.utf8).span.bytes, in: pool) }
        let address = ("host", plain(host.description))
        guard let clientID else { return [address, ("token", secret)] }
        return [address, ("client_id", plain(clientID)), ("client_secret", secret)]
    }
}

/// `hush auth describe`.
struct DescribeCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Show who one is, where, and by which credential.",
        discussion: """
            The credential itself is not shown.

            EXAMPLE:
              hush auth describe --profile team
            """
    )

    @OptionGroup var format: OutputOptions
    @OptionGroup var workspace: WorkspaceOptions
    @OptionGroup var server: ServerOptions

    func run(in program: Program) async throws {
        let access = WorkspaceAccess(program, workspace, server)
        let connection = try access.connection()
        let principal = try await access.identities().currentPrincipal()
        let place = try connection?.host.description ?? program.environment.workspaceFolder()
        let way = connection.map(Self.words) ?? (type: "key", text: "the workspace's own key")
        switch format.output {
        case .text:
            let lines = [
                (connection == nil ? "Workspace" : "Server", place),
                ("Principal", "\(principal.name) (\(principal.kind))"), ("Signed in by", way.text),
            ]
            let text = lines.map { "\($0.0):".padding(to: 14) + $0.1 }.joined(separator: "\n")
            try program.output.write(text + "\n")
        case .json:
            var members: [(name: String, value: JSON)] = [
                ("auth_type", .text(way.type)), (connection == nil ? "workspace" : "host", .text(place)),
                ("principal", .principal(principal)),
            ]
            if case .profile(let name, let file)? = connection?.source {
                members += [("profile", .text(name)), ("file", .text(file))]
            }
            try program.output.write(JSON.object(members).indented)
        }
    }

    private static func words(_ connection: ServerConnection) -> (type: String, text: String) {
        let (type, what): (String, String) =
            switch connection.credential {
            case .token: ("pat", "a token")
            case .clientSecret: ("oauth-m2m", "a client secret")
            }
        let source =
            switch connection.source {
            case .option: "the command line"
            case .environment: "HUSH_TOKEN"
            case .profile(let name, let file): "profile \(name) in \(file)"
            }
        return (type: type, text: "\(what) from \(source)")
    }
}

extension String {
    /// The text with spaces behind it up to `width` characters.
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
