internal import SecretMemory

/// Sends requests to Secret Manager, with tokens that are renewed in time.
struct SecretManagerClient: Sendable {
    private let origin: LinkURL
    private let endpoint: VaultEndpoint
    private let trust: ServerTrust
    private let issuer: GoogleTokens
    private let quotaProject: String?
    private let tokens: TokenCache<GoogleToken>

    init(_ link: LinkConfiguration, _ context: VaultContext) throws(LinkProblem) {
        let parent = try SecretManagerParent(link.address)
        let domain = link.text("universe") ?? GoogleUniverse.usual
        let named = link.text("token-uri").flatMap { LinkURL($0) }
        if let named { try LinkOrigin.check(named, option: "token-uri", context.policy) }
        guard let service = parent.host(universe: domain) else { throw LinkProblem("\(domain) is not a domain.") }
        self.origin = try LinkOrigin.option("endpoint", of: link) ?? service
        self.trust = try ServerTrust(certificates: link.certificates)
        self.endpoint = VaultEndpoint(context.transport, random: context.random, rateLimit: link.number("rate-limit"))
        // Certificates that are given for an endpoint of one's own say nothing about the usual issuer.
        let isIssuerApart = link.text("endpoint") != nil && named == nil
        self.issuer = try GoogleTokens(
            link, universe: GoogleUniverse(domain: domain, named: named), service: service,
            trust: isIssuerApart ? ServerTrust() : trust, context)
        self.quotaProject = link.text("quota-project")
        self.tokens = TokenCache(clock: context.steadyClock)
    }

    /// Sends a request and returns the answer of success.
    ///
    /// - Parameter mayRepeat: Whether sending it twice does no more than sending it once.
    /// - Throws: ``VaultFailure``.
    func send(
        _ method: String, _ target: String, body: SecretBytes? = nil, timeout: Duration, mayRepeat: Bool = true,
        _ call: VaultCall
    ) async throws(VaultFailure) -> VaultAnswer {
        var isRenewed = false
        while true {
            let token = try await tokens.token(for: call.credential.revision, until: call.deadline) {
                () throws(VaultFailure) in
                try await issuer.issue(call.credential)
            }
            var headers: [(name: String, value: String)] = []
            if body != nil { headers.append(("Content-Type", "application/json")) }
            if let project = quotaProject ?? token.quotaProject { headers.append(("x-goog-user-project", project)) }
            let answer = try await endpoint.send(trust: trust, deadline: call.deadline, mayRepeat: mayRepeat) {
                VaultRequest(
                    method, origin, target, headers: headers,
                    secretHeaders: [.init("Authorization", prefix: "Bearer ", token.token)], body: body,
                    timeout: timeout)
            } problem: {
                GoogleFailure.failure(in: $0, isWrite: method != "GET")
            }
            guard answer.status == 401 else { return answer }
            tokens.drop(revision: call.credential.revision)
            guard !isRenewed else {
                throw VaultFailure(
                    .credentialRejected, detail: "Secret Manager does not accept a token that was just issued")
            }
            isRenewed = true
        }
    }
}
