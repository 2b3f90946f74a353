internal import SecretMemory

/// A request to a vault of HashiCorp's kind.
struct HashiCorpRequest: Sendable {
    var method: String
    /// The path behind `/v1/`, as segments.
    var path: [String]
    /// The query, as it stands on the wire.
    var query: String?
    var body: SecretBytes?
    var contentType = "application/json"
    var timeout: Duration
    /// Whether sending it twice does no more than sending it once.
    var mayRepeat = true

    var target: String {
        "/v1/" + path.map { PercentEncoding.encode($0) }.joined(separator: "/") + (query.map { "?\($0)" } ?? "")
    }
}

/// Sends requests to one vault, and once more to one of its standbys when it redirects there.
struct HashiCorpClient: Sendable {
    let origin: LinkURL
    /// Where it may redirect requests to.
    let standbys: [LinkURL]
    let namespace: String?
    let endpoint: VaultEndpoint

    /// Sends a request, again if need be.
    ///
    /// - Parameters:
    ///   - token: What it shows; `nil` for requests that give one.
    ///   - trust: Whom to trust.
    ///   - sending: Called before each attempt.
    /// - Returns: The answer, with a status below 500 other than those of a vault in trouble.
    func send(
        _ request: HashiCorpRequest, token: SecretBytes?, trust: ServerTrust, deadline: ContinuousClock.Instant,
        sending: () -> Void = {}
    ) async throws(VaultFailure) -> VaultAnswer {
        let answer = try await send(request, to: origin, token, trust, deadline, sending)
        guard (300...399).contains(answer.status) else { return answer }
        guard
            answer.status == 307, let location = answer.header("location").flatMap({ Self.origin(of: $0) }),
            standbys.contains(where: { $0 == location })
        else {
            throw VaultFailure(
                .untrusted,
                detail:
                    "it redirects to a host that the option standby-hosts does not list; the request was not repeated there"
            )
        }
        let second = try await send(request, to: location, token, trust, deadline, sending)
        guard !(300...399).contains(second.status) else {
            throw VaultFailure(.untrusted, detail: "it redirects again and again")
        }
        return second
    }

    private func send(
        _ request: HashiCorpRequest, to origin: LinkURL, _ token: SecretBytes?, _ trust: ServerTrust,
        _ deadline: ContinuousClock.Instant, _ sending: () -> Void
    ) async throws(VaultFailure) -> VaultAnswer {
        // Agents and proxies may want the first: no form on a web page can send it.
        var headers = [("X-Vault-Request", "true")]
        if let namespace { headers.append(("X-Vault-Namespace", namespace)) }
        if request.body != nil { headers.append(("Content-Type", request.contentType)) }
        return try await endpoint.send(trust: trust, deadline: deadline, mayRepeat: request.mayRepeat) {
            sending()
            return VaultRequest(
                request.method, origin, request.target, headers: headers,
                secretHeaders: token.map { [.init("X-Vault-Token", $0)] } ?? [], body: request.body,
                timeout: request.timeout)
        } problem: {
            HashiCorpRefusal.trouble(in: $0)
        }
    }

    /// Where a redirect leads, without its path: the request keeps its own.
    private static func origin(of location: String) -> LinkURL? {
        let text = location.prefix { $0 != "?" && $0 != "#" }
        guard let url = LinkURL(String(text)), url.isWebAddress else { return nil }
        return LinkURL("\(url.scheme)://\(url.bracketedHost):\(url.port ?? (url.scheme == "https" ? 443 : 80))")
    }
}
