import DatabricksAPI
import SecretMemory
import SecretScopes

/// A server, the credential for it, and where the two were found.
struct ServerConnection: Sendable {
    /// Where the credential comes from.
    enum Source: Sendable, Hashable {
        case option
        case environment
        case profile(name: String, file: String)
    }

    let host: WorkspaceHost
    let credential: ClientCredential
    let source: Source

    /// The file with the credential, if there is one.
    var file: String? {
        guard case .profile(_, let file) = source else { return nil }
        return file
    }

    /// The server that the options, else `HUSH_HOST`, name; `nil` when neither does.
    ///
    /// - Throws: ``UsageFailure`` when the options contradict each other, ``CommandFailure`` when there is no credential,
    ///   `ScopeError` when the address is none.
    static func find(_ choice: ServerChoice, in program: Program) throws -> ServerConnection? {
        if let profile = choice.profile {
            guard choice.host == nil, choice.token == nil else {
                throw UsageFailure("--profile excludes --host and --token. Leave out one or the other.")
            }
            return try find(profile: profile, in: program)
        }
        let environment = program.environment
        let usual = environment.text("HUSH_HOST")
        guard let host = choice.host ?? usual else {
            guard choice.token == nil else { throw UsageFailure("--token goes with --host or HUSH_HOST. Give one.") }
            return nil
        }
        let address = try WorkspaceHost(host)
        if let token = choice.token {
            let token = SecretBytes(copying: Array(token.utf8).span.bytes, in: program.pool)
            return ServerConnection(host: address, credential: .token(token), source: .option)
        }
        // The token in the environment is for the server that is named there, and for no other.
        let isUsual = try usual.map { try WorkspaceHost($0) == address } ?? true
        guard isUsual, let token = environment.secret("HUSH_TOKEN", in: program.pool) else {
            throw CommandFailure(
                "There is no token for \(address). Set HUSH_TOKEN\(isUsual ? "" : " and HUSH_HOST"), or store a "
                    + "profile by hush auth login and name it by --profile.")
        }
        return ServerConnection(host: address, credential: .token(token), source: .environment)
    }

    private static func find(profile name: String, in program: Program) throws -> ServerConnection {
        let path = try ProfileFile.path(in: program.environment)
        guard let file = try ProfileFile(path: path, pool: program.pool) else {
            throw CommandFailure("There is no file \(path) with profiles. Store one by hush auth login.")
        }
        guard let profile = file.profile(named: name) else {
            let known = file.names.isEmpty ? "none" : file.names.joined(separator: ", ")
            throw CommandFailure("There is no profile \(name) in \(path), which has: \(known).")
        }
        guard let host = profile.text("host") else {
            throw CommandFailure("The profile \(name) in \(path) has no host. Add the line host = https://…")
        }
        return ServerConnection(
            host: try WorkspaceHost(host),
            credential: try credential(of: profile, named: name, in: path),
            source: .profile(name: name, file: path)
        )
    }

    private static func credential(
        of profile: ProfileFile.Profile, named name: String, in path: String
    ) throws -> ClientCredential {
        let kind = profile.text("auth_type")
        if kind == nil || kind == "pat", let token = profile.secret("token") { return .token(token) }
        if kind == nil || kind == "oauth-m2m",
            let id = profile.text("client_id"), let secret = profile.secret("client_secret")
        {
            return .clientSecret(ClientCredentials(clientID: id, clientSecret: secret))
        }
        throw CommandFailure(
            "The profile \(name) in \(path) has neither a token nor client_id and client_secret"
                + (kind.map { " for its auth_type \($0)" } ?? "") + ". Other ways to sign in are not offered.")
    }

    /// A client for it.
    func client(in program: Program) throws -> DatabricksClient {
        var options = DatabricksClient.Options()
        options.userAgent = Product.userAgent
        options.certificates = program.environment.text("SSL_CERT_FILE")
        return try DatabricksClient(host: host, credential: credential, pool: program.pool, options: options)
    }
}
