internal import SecretMemory
internal import SecretScopes

/// Sends signed requests to one service of AWS.
struct AWSClient: Sendable {
    private let origin: LinkURL
    private let endpoint: VaultEndpoint
    private let session: AWSCredentialSession?
    private let access: AWSAccess
    private let signature: AWSSignature

    /// - Parameters:
    ///   - session: Whose credentials sign the requests; `nil` for requests that are not signed.
    ///   - access: What is shared by all that talks to AWS for a link.
    init(
        _ service: AWSService, at origin: LinkURL, _ endpoint: VaultEndpoint, session: AWSCredentialSession?,
        access: AWSAccess
    ) {
        self.origin = origin
        self.endpoint = endpoint
        self.session = session
        self.access = access
        self.signature = AWSSignature(region: access.region, service: service.name, pool: access.context.pool)
    }

    /// One request as the service is asked it.
    struct Query: Sendable {
        var headers: [(name: String, value: String)]
        var body: SecretBytes
        var timeout: Duration
        /// Whether sending it twice does no more than sending it once.
        var mayRepeat = true
    }

    /// Sends a request: again as ``VaultEndpoint`` does, and once more when AWS refused the credentials or the time of
    /// the signature, with new ones.
    ///
    /// - Parameters:
    ///   - refusal: Reads an answer that is no success.
    /// - Throws: ``VaultFailure``.
    func send(
        _ query: Query, _ call: VaultCall, refusal: (VaultAnswer) -> AWSRefusal
    ) async throws(VaultFailure) -> VaultAnswer {
        var isSecondTime = false
        while true {
            let credentials = try await session?.credentials(for: call)
            var remedy = AWSRefusal.Remedy.none
            do {
                return try await endpoint.send(trust: access.trust, deadline: call.deadline, mayRepeat: query.mayRepeat)
                {
                    () throws(VaultFailure) in
                    request(query, credentials)
                } problem: { answer in
                    guard !answer.isSuccess else { return nil }
                    let refusal = refusal(answer)
                    remedy = refusal.remedy
                    if remedy == .serverTime, !access.clock.follow(answer) { remedy = .none }
                    return refusal.failure
                }
            } catch {
                guard let session, !isSecondTime, remedy != .none, error.reason == .credentialRejected else {
                    throw error
                }
                if remedy == .newCredentials { session.drop(for: call.credential) }
                isSecondTime = true
            }
        }
    }

    private func request(_ query: Query, _ credentials: AWSCredentials?) -> VaultRequest {
        var request = VaultRequest(
            "POST", origin, "/", headers: query.headers, body: query.body, timeout: query.timeout)
        if let credentials {
            signature.sign(&request, with: credentials, at: access.clock.now())
        }
        return request
    }
}
