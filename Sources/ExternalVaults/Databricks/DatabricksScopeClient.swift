internal import DatabricksAPI
internal import SecretMemory

/// Sends requests to a workspace, with a token that is the link's credential, or one that is got for a client secret.
struct DatabricksScopeClient: Sendable {
    private static let tokenTimeout = Duration.seconds(10)

    let origin: LinkURL
    /// The service principal's application id; `nil` when the link's credential is a token.
    let clientID: String?
    let trust: ServerTrust
    let endpoint: VaultEndpoint
    let pool: SecretPool
    private let tokens = TokenCache<SecretBytes>()

    init(origin: LinkURL, clientID: String?, trust: ServerTrust, endpoint: VaultEndpoint, pool: SecretPool) {
        self.origin = origin
        self.clientID = clientID
        self.trust = trust
        self.endpoint = endpoint
        self.pool = pool
    }

    /// Sends a request and returns the answer of success; once more with a new token when the one in use is refused.
    func send(
        _ method: String, _ target: String, body: SecretBytes? = nil, timeout: Duration, _ call: VaultCall
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
                $0.status == 401 ? nil : DatabricksRefusal.failure(in: $0)
            }
            guard answer.status == 401 else { return answer }
            await tokens.drop(revision: call.credential.revision)
            guard clientID != nil, !isRenewed else {
                throw VaultFailure(.credentialRejected, detail: "the workspace answers with status 401")
            }
            isRenewed = true
        }
    }

    private func token(_ call: VaultCall) async throws(VaultFailure) -> SecretBytes {
        guard let clientID else { return try await call.credential.read() }
        return try await tokens.token(for: call.credential.revision, until: call.deadline) {
            () throws(VaultFailure) in
            try await fetch(clientID, call)
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

/// What a workspace's refusals mean.
enum DatabricksRefusal {
    /// What is wrong with an answer; `nil` for success.
    static func failure(in answer: VaultAnswer) -> VaultFailure? {
        let code = (try? answer.body.readingJSON { fields, bytes in fields.text("error_code", in: bytes) }) ?? ""
        switch (answer.status, code) {
        case (200...299, _): return nil
        case (300...399, _): return VaultFailure(.untrusted, detail: "it sends requests elsewhere")
        case (401, _): return VaultFailure(.credentialRejected, detail: "the workspace answers with status 401")
        case (403, _): return VaultFailure(.denied)
        case (404, "RESOURCE_DOES_NOT_EXIST"): return VaultFailure(.notFound)
        case (404, _): return VaultFailure(.refused, detail: "there is no Secrets API at the address (status 404)")
        case (409, _): return VaultFailure(.conflict)
        case (429, _): return VaultFailure(.throttled, detail: "status 429")
        case (504, _): return VaultFailure(.deadlinePassed, detail: "status 504")
        case (500, "DATA_LOSS"): return VaultFailure(.checksumMismatch, detail: "the workspace tells of DATA_LOSS")
        case (500...599, _): return VaultFailure(.unreachable, detail: "it answers with status \(answer.status)")
        case (400, "RESOURCE_LIMIT_EXCEEDED"): return VaultFailure(.full)
        case (400, "INVALID_PARAMETER_VALUE"):
            return VaultFailure(.unacceptable, detail: "the workspace answers INVALID_PARAMETER_VALUE")
        case (400, "INVALID_STATE"): return VaultFailure(.disabled)
        case (400, "BAD_REQUEST"):
            return VaultFailure(
                .refused, detail: "BAD_REQUEST: some workspaces let secrets be read in their own clusters only")
        default: return VaultFailure(.refused, detail: "it answers with status \(answer.status)")
        }
    }
}
