internal import DatabricksAPI
internal import HTTPTypes
internal import Hummingbird
internal import SecretMemory
internal import SecretScopes

/// Access tokens for service principals (OAuth 2.0, grant `client_credentials`, HTTP's Basic scheme).
struct OAuthRoutes: Sendable {
    let gateway: any ClientCredentialGateway
    let pool: SecretPool
    let links: ServerOrigin
    let origin: @Sendable (RequestFacts) -> RequestOrigin

    func add(to router: some RouterMethods<ScopeRequestContext>) {
        router.on(RouterPath(OAuthEndpoint.discovery), method: .get) { request, _ -> Response in
            .json(OAuthAnswer.discovery(origin: links.of(request)))
        }
        router.on(RouterPath(OAuthEndpoint.token), method: .post) { request, context -> Response in
            do {
                return try await token(for: request, context)
            } catch let refusal as OAuthRefusal {
                var response = Response.json(
                    OAuthAnswer.error(refusal), status: HTTPResponse.Status(code: refusal.status))
                if refusal.status == 401 { response.headers[.wwwAuthenticate] = "Basic" }
                return response
            }
        }
    }

    private func token(for request: Request, _ context: ScopeRequestContext) async throws -> Response {
        let origin = origin(RequestFacts(request, context))
        // The same work for a request that shows nothing, which is counted with the others.
        let shown =
            BasicCredentials.read(from: request.headers, pool: pool)
            ?? ClientCredentials(clientID: "", clientSecret: SecretBytes(count: 0, in: pool) { _ in })
        do {
            try OAuthRefusal.check(form: try await form(of: request))
        } catch let refusal as OAuthRefusal {
            try await gateway.recordRefusal(
                clientID: shown.clientID, clientSecret: shown.clientSecret, origin: origin,
                error: ScopeError(.malformedRequest, refusal.message))
            throw refusal
        }
        do {
            let token = try await gateway.accessToken(
                clientID: shown.clientID, clientSecret: shown.clientSecret, origin: origin)
            return .json(OAuthAnswer.issued(token, pool: pool))
        } catch let error as ScopeError where error.code == .unauthenticated {
            throw OAuthRefusal.invalidClient
        }
    }

    private func form(of request: Request) async throws -> QueryParameters {
        do {
            let body = try await request.secretBody(limit: OAuthEndpoint.largestBody, pool: pool)
            let text = body.withBytes { bytes in
                bytes.withUnsafeBytes { String(validating: $0, as: UTF8.self) }
            }
            guard let text else { throw ScopeError(.malformedRequest, "The body is not valid UTF-8.") }
            return try QueryParameters(parsing: text)
        } catch is BodyTooLarge {
            throw OAuthRefusal(code: "invalid_request", message: "The body is too large.", status: 400)
        } catch let error as ScopeError {
            throw OAuthRefusal(code: "invalid_request", message: error.message, status: 400)
        }
    }
}

/// What a request shows by HTTP's Basic scheme.
enum BasicCredentials {
    private static let longest = 4096

    static func read(from headers: HTTPFields, pool: SecretPool) -> ClientCredentials? {
        let values = headers[values: .authorization]
        guard values.count == 1, let value = values.first, value.utf8.count <= longest else { return nil }
        let words = value.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: true)
        guard words.count == 2, String(words[0])?.lowercased() == "basic" else { return nil }
        return SecretBytes(count: words[1].count, in: pool) { $0.copyBytes(from: words[1]) }
            .withBytes { ClientCredentials(basic: $0, pool: pool) }
    }
}
