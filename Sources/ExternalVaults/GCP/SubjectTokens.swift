internal import Glibc
internal import SecretMemory
internal import SecretScopes

/// Fetches the tokens of external accounts from where their credentials say.
struct SubjectTokens: Sendable {
    /// Who wrote the credential.
    enum Author: Sendable {
        /// Whoever set up this machine: what it names of the machine may be used.
        case machine
        /// Whoever can write the link's credential: only what the settings list may be used of the machine.
        case link
    }

    private static let allowsPrograms = "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES"
    private static let places = 2

    let context: VaultContext
    let universe: GoogleUniverse
    let endpoint: VaultEndpoint
    let trust: ServerTrust
    private let work = WaitingWork(places: places)

    init(context: VaultContext, universe: GoogleUniverse, endpoint: VaultEndpoint, trust: ServerTrust) {
        self.context = context
        self.universe = universe
        self.endpoint = endpoint
        self.trust = trust
    }

    /// The token, as it is now.
    func token(
        of account: ExternalAccount, _ author: Author, deadline: ContinuousClock.Instant
    ) async throws(VaultFailure) -> SecretBytes {
        switch account.source {
        case .file(let path, let format): try file(path, format, author)
        case .server(let server): try await ask(server, author, deadline)
        case .program(let program): try await run(program, account, author, deadline)
        case .aws(let url): try await CallerIdentity(context: context).token(account, url, author)
        }
    }

    private func file(
        _ path: String, _ format: SubjectTokenSource.Format, _ author: Author
    ) throws(VaultFailure) -> SecretBytes {
        if author == .link {
            guard let real = realpath(path, nil) else {
                throw VaultFailure(.credentialUnreadable, detail: "the file that the credential names does not exist")
            }
            defer { free(real) }
            let directory = String(cString: real).split(separator: "/").dropLast().map { "/" + $0 }.joined()
            guard context.policy.allows(directory: directory) else {
                throw Self.notListed("a file", "links.directories")
            }
        }
        let content = try CredentialFile.read(path, in: context.pool)
        return try SubjectTokenSource.token(in: content, format, pool: context.pool)
    }

    private func ask(
        _ server: SubjectTokenServer, _ author: Author, _ deadline: ContinuousClock.Instant
    ) async throws(VaultFailure) -> SecretBytes {
        let origin = server.origin
        let isListed = context.policy.lists(host: origin.host, port: origin.port)
        let isMetadata = author == .machine && origin.host == SubjectTokenServer.metadataHost
        guard universe.contains(origin) || isListed || isMetadata else {
            throw Self.notListed("a server", "links.hosts")
        }
        let answer = try await endpoint.send(trust: trust, deadline: deadline) {
            VaultRequest(
                "GET", origin, server.target, secretHeaders: server.headers, timeout: SubjectTokenServer.timeout,
                isForMetadata: isMetadata)
        } problem: {
            GoogleFailure.tokenFailure(in: $0, of: "the issuer of the external account")
        }
        return try SubjectTokenSource.token(in: answer.body, server.format, pool: context.pool)
    }

    private func run(
        _ program: SubjectTokenProgram, _ account: ExternalAccount, _ author: Author,
        _ deadline: ContinuousClock.Instant
    ) async throws(VaultFailure) -> SecretBytes {
        guard context.environment[Self.allowsPrograms] == "1" else {
            throw VaultFailure(
                .untrusted,
                detail: "the credential names a program, and \(Self.allowsPrograms) is not 1 in the environment of hush"
            )
        }
        let path = program.command[0]
        guard path.hasPrefix("/"), author == .machine || context.policy.programs.contains(path) else {
            throw Self.notListed("a program", "links.programs")
        }
        if let file = program.outputFile, author == .machine,
            let kept = try? CredentialFile.read(file, in: context.pool),
            let token = try? SubjectTokenProgram.token(in: kept, isKept: true, context)
        {
            return token
        }
        let session = ProgramSession(
            path: path, arguments: Array(program.command.dropFirst()), environment: environment(program, account),
            scope: "",
            deadline: min(deadline, .now + program.timeout), work: work, pool: context.pool)
        let run = try await session.run([])
        try run.checkEnd()
        return try SubjectTokenProgram.token(in: run.output, isKept: false, context)
    }

    private func environment(_ program: SubjectTokenProgram, _ account: ExternalAccount) -> [String: String] {
        var environment = context.environment.filter { ["PATH", "HOME", "LANG"].contains($0.key) }
        environment["GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE"] = account.audience
        environment["GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE"] = account.subjectTokenType
        environment["GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE"] = "0"
        environment["GOOGLE_EXTERNAL_ACCOUNT_REVOKE"] = "0"
        // …/serviceAccounts/EMAIL:generateAccessToken
        if let email = account.impersonation?.url.segments.last?.split(separator: ":").first {
            environment["GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL"] = String(email)
            environment["GOOGLE_EXTERNAL_ACCOUNT_ID"] = String(email)
        }
        if let file = program.outputFile { environment["GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE"] = file }
        return environment
    }

    private static func notListed(_ what: String, _ setting: String) -> VaultFailure {
        VaultFailure(
            .untrusted,
            detail:
                "the credential names \(what) that may not be used; an administrator can list it under \(setting) in "
                + "config.yaml")
    }
}

extension SubjectTokenProgram {
    /// The token in what a program wrote, or what it left in its file.
    static func token(in output: SecretBytes, isKept: Bool, _ context: VaultContext) throws(VaultFailure) -> SecretBytes
    {
        let now = context.clock.now().rawValue / 1000
        let token = try output.readingJSON { fields, bytes throws(VaultFailure) -> SecretBytes? in
            guard fields.integer("version", in: bytes) == 1 else { return nil }
            guard fields.isTrue("success") else {
                throw VaultFailure(.credentialRejected, detail: "the program says that it has no token")
            }
            let end = fields.integer("expiration_time", in: bytes)
            guard end.map({ $0 > now }) ?? !isKept else {
                throw VaultFailure(.credentialRejected, detail: "the program's token has expired")
            }
            switch fields.text("token_type", in: bytes) {
            case "urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:id_token":
                return fields.secret("id_token", in: bytes, pool: context.pool)
            case "urn:ietf:params:oauth:token-type:saml2":
                return fields.secret("saml_response", in: bytes, pool: context.pool)
            default: return nil
            }
        }
        guard let token, token.count > 0 else {
            throw VaultFailure(
                .credentialUnreadable, detail: "what the program wrote is not what external accounts ask of programs")
        }
        return token
    }
}
