internal import SecretMemory
internal import SecretScopes

/// A token for Google's services, and the project that requests are charged to.
struct GoogleToken: Sendable {
    var token: SecretBytes
    var quotaProject: String?
}

/// Comes by tokens, in the way that a link names.
struct GoogleTokens: Sendable {
    /// What tokens are good for: all of Google Cloud, within the roles of their owner.
    static let scope = "https://www.googleapis.com/auth/cloud-platform"
    private static let timeout = Duration.seconds(10)
    /// How long before its end a token is renewed: the metadata service gives no new one earlier.
    private static let refreshAhead = Duration.seconds(225)

    private let method: String
    private let impersonate: String?
    private let universe: GoogleUniverse
    private let service: LinkURL
    private let metadata: GoogleMetadata
    private let endpoint: VaultEndpoint
    private let trust: ServerTrust
    private let context: VaultContext
    private let subjects: SubjectTokens

    /// - Parameter service: The host that tokens are for.
    init(
        _ link: LinkConfiguration, universe: GoogleUniverse, service: LinkURL, trust: ServerTrust,
        _ context: VaultContext
    ) throws(LinkProblem) {
        self.method = link.authentication(default: "adc")
        self.impersonate = link.text("impersonate")
        self.universe = universe
        self.service = service
        self.metadata = try GoogleMetadata(context.environment)
        self.endpoint = VaultEndpoint(context.transport, random: context.random, rateLimit: nil)
        self.trust = trust
        self.context = context
        self.subjects = SubjectTokens(context: context, universe: universe, endpoint: endpoint, trust: trust)
    }

    /// A new token.
    func issue(_ call: VaultCall) async throws(VaultFailure) -> TokenCache<GoogleToken>.Issued {
        let deadline = min(call.deadline, .now + Self.timeout)
        var quotaProject: String?
        var issued: (token: SecretBytes, lifetime: Duration)
        if let (content, author) = try await content(call) {
            let type = ["adc": nil, "impersonation": "impersonated_service_account"][method] ?? Self.type(of: method)
            let read = try GoogleCredential.read(content, type: type, universe, pool: context.pool)
            quotaProject = read.quotaProject
            issued = try await token(of: read.credential, author, deadline)
        } else {
            let answer = try await metadata.token(scope: Self.scope, endpoint: endpoint, deadline: deadline)
            issued = try token(in: answer)
        }
        if let impersonate, let url = ServiceAccountImpersonation.url(of: impersonate, universe) {
            issued = try await act(as: ServiceAccountImpersonation(url: url), issued.token, deadline)
        }
        return .init(
            token: GoogleToken(token: issued.token, quotaProject: quotaProject), lifetime: issued.lifetime,
            refreshAhead: Self.refreshAhead)
    }

    private static func type(of method: String) -> String {
        method.replacing("-", with: "_")
    }

    /// The credential to use, and who wrote it; `nil` for what the metadata service says.
    private func content(
        _ call: VaultCall
    ) async throws(VaultFailure) -> (SecretBytes, SubjectTokens.Author)? {
        switch method {
        case "metadata": return nil
        case "adc":
            let environment = context.environment.filter { !$0.value.isEmpty }
            if let path = environment["GOOGLE_APPLICATION_CREDENTIALS"] {
                return (try CredentialFile.read(path, in: context.pool), .machine)
            }
            let folder = environment["CLOUDSDK_CONFIG"] ?? environment["HOME"].map { $0 + "/.config/gcloud" }
            if let path = folder.map({ $0 + "/application_default_credentials.json" }), CredentialFile.exists(path) {
                return (try CredentialFile.read(path, in: context.pool), .machine)
            }
            guard !GoogleMetadata.isRuledOut(environment) else {
                throw VaultFailure(
                    .credentialUnreadable,
                    detail:
                        "this machine has no default credentials: neither GOOGLE_APPLICATION_CREDENTIALS, nor those of "
                        + "gcloud, and NO_GCE_CHECK rules the metadata service out")
            }
            return nil
        default: return (try await call.credential.read(), .link)
        }
    }

    private func token(
        of credential: GoogleCredential, _ author: SubjectTokens.Author, _ deadline: ContinuousClock.Instant
    ) async throws(VaultFailure) -> (token: SecretBytes, lifetime: Duration) {
        switch credential {
        case .serviceAccount(let key):
            guard universe.isUsual else { return (try key.token(for: service, context), .seconds(3600)) }
            return try token(
                in: await post(key.tokenURL, deadline) { () throws(VaultFailure) in
                    var form = FormBody(in: context.pool)
                    form.add("grant_type", ServiceAccountKey.grantType)
                    form.add("assertion", try key.assertion(scope: Self.scope, context))
                    return form.finish()
                })
        case .authorizedUser(let user):
            return try token(
                in: await post(user.tokenURL, deadline) { () throws(VaultFailure) in
                    var form = FormBody(in: context.pool)
                    form.add("grant_type", "refresh_token")
                    form.add("client_id", user.clientID)
                    form.add("client_secret", user.clientSecret)
                    form.add("refresh_token", user.refreshToken)
                    return form.finish()
                })
        case .externalAccount(let account):
            let subject = try await subjects.token(of: account, author, deadline: deadline)
            let exchanged = try token(
                in: await post(account.tokenURL, client: account.client, deadline) { () throws(VaultFailure) in
                    account.form(exchanging: subject, scope: Self.scope, pool: context.pool)
                })
            guard let impersonation = account.impersonation else { return exchanged }
            return try await act(as: impersonation, exchanged.token, deadline)
        case .impersonated(let source, let impersonation):
            return try await act(as: impersonation, token(of: source, author, deadline).token, deadline)
        }
    }

    private func post(
        _ url: LinkURL, client: SecretBytes? = nil, _ deadline: ContinuousClock.Instant,
        _ form: () throws(VaultFailure) -> SecretBytes
    ) async throws(VaultFailure) -> VaultAnswer {
        try await endpoint.send(trust: trust, deadline: deadline) { () throws(VaultFailure) in
            VaultRequest(
                "POST", url.origin, url.target, headers: [FormBody.contentType],
                secretHeaders: client.map { [.init("Authorization", prefix: "Basic ", $0)] } ?? [], body: try form(),
                timeout: Self.timeout)
        } problem: {
            GoogleFailure.tokenFailure(in: $0, of: "the token endpoint")
        }
    }

    private func act(
        as account: ServiceAccountImpersonation, _ token: SecretBytes, _ deadline: ContinuousClock.Instant
    ) async throws(VaultFailure) -> (token: SecretBytes, lifetime: Duration) {
        let answer = try await endpoint.send(trust: trust, deadline: deadline) {
            VaultRequest(
                "POST", account.url.origin, account.url.target, headers: [("Content-Type", "application/json")],
                secretHeaders: [.init("Authorization", prefix: "Bearer ", token)],
                body: account.body(scope: Self.scope, pool: context.pool), timeout: Self.timeout)
        } problem: {
            $0.status == 403 || $0.status == 404
                ? VaultFailure(
                    .credentialRejected,
                    detail:
                        "the credential may not act as the service account; it needs the role Service Account Token "
                        + "Creator there")
                : GoogleFailure.tokenFailure(in: $0, of: "the service that lends service accounts")
        }
        return try ServiceAccountImpersonation.issued(answer, context)
    }

    private func token(in answer: VaultAnswer) throws(VaultFailure) -> (token: SecretBytes, lifetime: Duration) {
        try answer.reading { fields, bytes in
            guard
                let token = fields.secret("access_token", in: bytes, pool: context.pool), token.count > 0,
                let lifetime = fields.integer("expires_in", in: bytes), (1...86_400) ~= lifetime
            else { return nil }
            return (token, .seconds(lifetime))
        }
    }
}
