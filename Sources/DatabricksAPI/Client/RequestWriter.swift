internal import SecretJSON
internal import SecretMemory

/// Writes requests for one host. They hold a credential, and some of them a value, and so stay in secret memory.
struct RequestWriter: Sendable {
    let authority: String
    let userAgent: String
    let pool: SecretPool

    /// A request with a bearer token.
    ///
    /// - Parameter headers: Further lines of its head.
    func request(
        _ method: String,
        _ path: String,
        query: QueryParameters,
        headers: [(name: String, value: String)],
        body: SecretBytes?,
        token: SecretBytes
    ) -> PreparedRequest {
        let target = query.encoded.isEmpty ? path : path + "?" + query.encoded
        return message(method, target, "Bearer", token, headers, "application/json", body)
    }

    /// A request for an access token (OAuth 2.0, grant `client_credentials`).
    ///
    /// - Parameter basic: Client id and client secret as HTTP's Basic scheme writes them.
    func accessToken(basic: SecretBytes) -> PreparedRequest {
        let form = "grant_type=client_credentials&scope=all-apis"
        let body = SecretBytes(copying: Array(form.utf8).span.bytes, in: pool)
        return message("POST", OAuthEndpoint.token, "Basic", basic, [], "application/x-www-form-urlencoded", body)
    }

    private func message(
        _ method: String,
        _ target: String,
        _ scheme: String,
        _ credential: SecretBytes,
        _ headers: [(name: String, value: String)],
        _ type: String,
        _ body: SecretBytes?
    ) -> PreparedRequest {
        var message = SecretBuffer(in: pool)
        message.append(text: "\(method) \(target) HTTP/1.1\r\n")
        message.append(text: "Host: \(authority)\r\nAccept: application/json\r\n")
        message.append(text: "User-Agent: \(userAgent)\r\nAuthorization: \(scheme) ")
        credential.withBytes { message.append($0) }
        message.append(text: "\r\n")
        for header in headers { message.append(text: "\(header.name): \(header.value)\r\n") }
        if let body {
            message.append(text: "Content-Type: \(type)\r\nContent-Length: \(body.count)\r\n\r\n")
            body.withBytes { message.append($0) }
        } else {
            message.append(text: "\r\n")
        }
        return PreparedRequest(method: method, message: message.finish())
    }
}
