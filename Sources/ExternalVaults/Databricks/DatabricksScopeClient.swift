internal import DatabricksAPI
internal import SecretMemory

/// Sends requests to a workspace, with a token that is the link's credential, or one that is got for a client secret.
struct DatabricksScopeClient: Sendable {
    private static let tokenTimeout = Duration.seconds(10)
    /// A token that is the link's credential is read again after this time, in case it changed without notice.
    private static let reread = Duration.seconds(10 * 60)

    let origin: LinkURL
    /// The service principal's application id; `nil` when the link's credential is a token.
    let clientID: String?
    let trust: ServerTrust
    let endpoint: VaultEndpoint
    let pool: SecretPool
    private let tokens: TokenCache<SecretBytes>

    init(
        origin: LinkURL, clientID: String?, trust: ServerTrust, endpoint: VaultEndpoint, pool: SecretPool,
        clock: any SteadyClock
    ) {
        self.origin = origin
        self.clientID = clientID
        self.trust = trust
        self.endpoint = endpoint
        self.pool = pool
        self.tokens = TokenCache(clock: clock)
    }

    /// Sends a request and returns the answer of success; once more with a new token when the one in use is refused.
    func send(
        _ method: String, _ target: String, body: SecretBytes? = nil, timeout: Duration, isChange: Bool = false,
        _ call: VaultCall
    ) async throws(VaultFailure) -> VaultAnswer {
        var isRenewed = false
        while true {
            let token = try await token(call)
            var headers: [(name: String, value: String)] = [("User-Agent", "hush")]
            // Links that lead in a circle are found by whoever is asked for the fourth time.
            if let depth = RequestClaims(linkDepth: call.depth + 1).value {
                headers.append((RequestClaims.header.description, depth))
            }
            if body != nil { headers.append(("Content-Type", "application/json")) }
            // Putting a value or deleting it twice does no more than doing it once.
            let answer = try await endpoint.send(trust: trust, deadline: call.deadline) {
                VaultRequest(
                    method, origin, target, headers: headers,
                    secretHeaders: [.init("Authorization", prefix: "Bearer ", token)], body: body, timeout: timeout)
            } problem: {
                $0.status == 401 ? nil : DatabricksRefusal.failure(in: $0, isChange: isChange)
            }
            guard answer.status == 401 else { return answer }
            tokens.drop(revision: call.credential.revision)
            guard clientID != nil, !isRenewed else {
                throw VaultFailure(.credentialRejected, detail: "the workspace answers with status 401")
            }
            isRenewed = true
        }
    }

    private func token(_ call: VaultCall) async throws(VaultFailure) -> SecretBytes {
        try await tokens.token(for: call.credential.revision, until: call.deadline) { () throws(VaultFailure) in
            guard let clientID else {
                return .init(token: try await call.credential.read(), refresh: Self.reread, end: .seconds(365 * 86_400))
            }
            return try await fetch(clientID, call)
        }
    }

    /// A token for the client secret (OAuth 2.0, grant `client_credentials`).
    private func fetch(
        _ clientID: String, _ call: VaultCall
    ) async throws(VaultFailure) -> TokenCache<SecretBytes>.Issued {
        let secret = try await call.credential.read()
        var pair = SecretBuffer(in: pool)
        for byte in Array("\(clientID):".utf8) { pair.append(byte) }
        secret.withBytes { pair.append($0) }
        let basic = pair.finish().withBytes { Base64.encode($0, in: pool) }
        var form = FormBody(in: pool)
        form.add("grant_type", "client_credentials")
        form.add("scope", "all-apis")
        let body = form.finish()
        let answer = try await endpoint.send(trust: trust, deadline: .now + Self.tokenTimeout) {
            VaultRequest(
                "POST", origin, "/oidc/v1/token", headers: [FormBody.contentType],
                secretHeaders: [.init("Authorization", prefix: "Basic ", basic)], body: body,
                timeout: Self.tokenTimeout)
        } problem: { answer in
            switch answer.status {
            case 400, 401, 403:
                VaultFailure(.credentialRejected, detail: "the workspace gives no token (status \(answer.status))")
            default: DatabricksRefusal.failure(in: answer)
            }
        }
        let issued = try answer.body.readingJSON { fields, bytes in
            fields.secret("access_token", in: bytes, pool: pool).map {
                ($0, fields.integer("expires_in", in: bytes) ?? 3600)
            }
        }
        guard let issued else { throw VaultFailure(.notUnderstood, detail: "the answer holds no token") }
        return .init(token: issued.0, lifetime: .seconds(max(0, issued.1)), refreshAhead: .seconds(300))
    }
}
