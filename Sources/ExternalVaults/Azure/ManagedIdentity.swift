internal import SecretMemory
internal import SecretScopes

/// The identity that Azure gave a machine: tokens come from a service that only this machine can reach.
struct ManagedIdentity: Sendable {
    /// Which service it is.
    enum Service: Sendable {
        /// The metadata service of virtual machines and of AKS.
        case metadata(LinkURL)
        /// That of App Service, Functions and Container Apps, which is told a secret of the process's environment.
        case appService(LinkURL, secret: SecretBytes)
        /// The agent of Azure Arc, which is told what stands in a file that it names.
        case arc(LinkURL)
    }

    /// Which of several identities, by the service's name for the kind of id.
    struct Selection: Sendable {
        var name: String
        var value: String
    }

    /// Where Arc's agent writes what it asks for.
    static let arcTokenDirectory = "/var/opt/azcmagent/tokens"
    /// A machine that has no such service may answer nothing at all.
    private static let timeout = Duration.seconds(3)
    private static let largestArcToken = 4096

    let service: Service
    let selection: Selection?
    private let arcTokens: String

    /// Finds the service by the variables that it sets.
    init(
        _ link: LinkConfiguration, _ context: VaultContext, arcTokens: String = arcTokenDirectory
    ) throws(LinkProblem) {
        let environment = context.environment.filter { !$0.value.isEmpty }
        self.arcTokens = arcTokens
        let endpoint = environment["IDENTITY_ENDPOINT"]
        if endpoint != nil, environment["IDENTITY_SERVER_THUMBPRINT"] != nil {
            throw LinkProblem(
                "The managed identities of Service Fabric are not supported; use another way to authenticate.")
        } else if let endpoint, let header = environment["IDENTITY_HEADER"] {
            let secret = SecretBytes(copying: Array(header.utf8).span.bytes, in: context.pool)
            self.service = .appService(try Self.url(endpoint, "IDENTITY_ENDPOINT"), secret: secret)
        } else if let endpoint, environment["IMDS_ENDPOINT"] != nil {
            self.service = .arc(try Self.url(endpoint, "IDENTITY_ENDPOINT"))
        } else {
            let host = environment["AZURE_POD_IDENTITY_AUTHORITY_HOST"] ?? "http://169.254.169.254"
            let base = try Self.url(host, "AZURE_POD_IDENTITY_AUTHORITY_HOST")
            self.service = .metadata(
                try Self.url("\(base.scheme)://\(base.authority)/metadata/identity/oauth2/token", "host"))
        }
        // App Service has another name for resource ids than the others.
        var resourceName = "msi_res_id"
        if case .appService = service { resourceName = "mi_res_id" }
        self.selection =
            link.text("client-id").map { Selection(name: "client_id", value: $0) }
            ?? link.text("object-id").map { Selection(name: "object_id", value: $0) }
            ?? link.text("identity-resource-id").map { Selection(name: resourceName, value: $0) }
    }

    private static func url(_ text: String, _ name: String) throws(LinkProblem) -> LinkURL {
        guard let url = LinkURL(text), url.isWebAddress else {
            throw LinkProblem("The variable \(name) is not an address such as http://127.0.0.1:40342/token.")
        }
        return url
    }

    /// A token for `scope`, which these services know without `/.default`.
    func token(
        scope: String, endpoint: VaultEndpoint, _ context: VaultContext, _ call: VaultCall
    ) async throws(VaultFailure) -> TokenCache<SecretBytes>.Issued {
        let resource = scope.hasSuffix("/.default") ? String(scope.dropLast(9)) : scope
        let answer: VaultAnswer
        switch service {
        case .metadata(let url):
            answer = try await send(
                url, "2018-02-01", resource, headers: [("Metadata", "true")], endpoint, call.deadline)
        case .appService(let url, let secret):
            answer = try await send(
                url, "2019-08-01", resource, secretHeaders: [.init("X-IDENTITY-HEADER", secret)], endpoint,
                call.deadline)
        case .arc(let url):
            answer = try await askArc(url, resource, endpoint, context, call.deadline)
        }
        return try AzureToken.issued(answer, context)
    }

    private func send(
        _ url: LinkURL, _ version: String, _ resource: String, headers: [(name: String, value: String)] = [],
        secretHeaders: [VaultRequest.SecretHeader] = [], _ endpoint: VaultEndpoint, _ deadline: ContinuousClock.Instant,
        passesUnauthorized: Bool = false
    ) async throws(VaultFailure) -> VaultAnswer {
        guard let origin = LinkURL("\(url.scheme)://\(url.authority)") else { throw VaultFailure(.unreachable) }
        let chosen = selection.map { "&\($0.name)=\(PercentEncoding.encode($0.value))" } ?? ""
        let target =
            (url.path.isEmpty ? "/" : url.path) + "?api-version=\(version)&resource="
            + PercentEncoding.encode(resource) + chosen
        do {
            return try await endpoint.send(trust: ServerTrust(), deadline: deadline) {
                VaultRequest(
                    "GET", origin, target, headers: headers, secretHeaders: secretHeaders, timeout: Self.timeout,
                    isForMetadata: true)
            } problem: {
                passesUnauthorized && $0.status == 401 ? nil : Self.failure(in: $0)
            }
        } catch  where error.reason == .deadlinePassed || (error.reason == .unreachable && error.detail == nil) {
            throw VaultFailure(
                .unreachable,
                detail: "the service for this machine's managed identity does not answer; does the machine have one?")
        }
    }

    private static func failure(in answer: VaultAnswer) -> VaultFailure? {
        switch answer.status {
        case 200: nil
        case 400: VaultFailure(.credentialRejected, detail: "this machine does not have such a managed identity")
        case 404, 408, 410, 500...599:
            VaultFailure(
                .unreachable, detail: "the service for managed identities answers with status \(answer.status)")
        case 429: VaultFailure(.throttled, detail: "the service for managed identities is asked too often")
        default:
            VaultFailure(
                .credentialRejected, detail: "the service for managed identities refuses with status \(answer.status)")
        }
    }

    /// Asks twice: the first answer names a file that only those can read who may have tokens.
    private func askArc(
        _ url: LinkURL, _ resource: String, _ endpoint: VaultEndpoint, _ context: VaultContext,
        _ deadline: ContinuousClock.Instant
    ) async throws(VaultFailure) -> VaultAnswer {
        let version = "2020-06-01"
        let metadata = [(name: "Metadata", value: "true")]
        let first = try await send(
            url, version, resource, headers: metadata, endpoint, deadline, passesUnauthorized: true)
        guard first.status == 401 else {
            throw VaultFailure(.untrusted, detail: "the agent of Azure Arc gives tokens away without asking who asks")
        }
        guard
            let header = first.header("www-authenticate"), let equals = header.firstIndex(of: "="),
            header.lowercased().hasPrefix("basic realm")
        else { throw VaultFailure(.notUnderstood, detail: "the agent of Azure Arc does not name a file") }
        let path = header[header.index(after: equals)...].filter { $0 != "\"" }
        let name = path.dropFirst(arcTokens.utf8.count + 1)
        guard path.hasPrefix(arcTokens + "/"), name.hasSuffix(".key"), !name.contains("/") else {
            throw VaultFailure(.untrusted, detail: "the agent of Azure Arc names a file that is none of its own")
        }
        let secret = try CredentialFile.read(path, limit: Self.largestArcToken, followsLinks: false, in: context.pool)
        let answer = try await send(
            url, version, resource, headers: metadata,
            secretHeaders: [.init("Authorization", prefix: "Basic ", secret)],
            endpoint, deadline)
        // An agent that knows one identity only gives its token whatever is asked for.
        if let selection {
            let confirmed = try? answer.body.readingJSON { fields, bytes in
                fields.text(selection.name, in: bytes)?.lowercased() == selection.value.lowercased()
            }
            guard confirmed == true else {
                throw VaultFailure(
                    .credentialRejected, detail: "the agent of Azure Arc did not give the token of this identity")
            }
        }
        return answer
    }
}
