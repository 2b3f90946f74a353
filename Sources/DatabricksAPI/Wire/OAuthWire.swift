internal import SecretJSON
public import SecretMemory
public import SecretScopes

/// The calls by which service principals get access tokens (OAuth 2.0, grant `client_credentials`).
public enum OAuthEndpoint {
    /// Where clients learn of the other one.
    public static let discovery = "/oidc/.well-known/oauth-authorization-server"
    /// Where they get tokens.
    public static let token = "/oidc/v1/token"
    /// The largest request that is read, in bytes.
    public static let largestBody = 16 * 1024
}

/// A client id and a client secret, as HTTP's Basic scheme shows them.
public struct ClientCredentials: Sendable {
    /// The application id.
    public var clientID: String
    /// The client secret.
    public var clientSecret: SecretBytes

    /// Creates credentials.
    public init(clientID: String, clientSecret: SecretBytes) {
        self.clientID = clientID
        self.clientSecret = clientSecret
    }

    /// Reads what stands behind `Basic `; `nil` when it is not base64 of two parts with a colon in between.
    ///
    /// Go's clients write both parts with the escapes of a query, Python's do not. What Hush gives out needs none, so
    /// that only escapes tell the two forms apart.
    public init?(basic text: RawSpan, pool: SecretPool) {
        guard let decoded = Base64.decode(text, in: pool) else { return nil }
        let colon = decoded.withBytes { bytes in
            (0..<bytes.byteCount).first { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) == UInt8(ascii: ":") }
        }
        guard let colon else { return nil }
        let client = decoded.slice(0..<colon)
        let count = decoded.withBytes { $0.byteCount }
        guard
            let id = Self.unescaped(client, pool: pool),
            let secret = Self.unescaped(decoded.slice((colon + 1)..<count), pool: pool),
            let text = id.withBytes({ bytes in
                bytes.withUnsafeBytes { String(validating: $0, as: UTF8.self) }
            })
        else { return nil }
        self.clientID = text
        self.clientSecret = secret
    }

    private static func unescaped(_ text: SecretBytes, pool: SecretPool) -> SecretBytes? {
        var result = SecretBuffer(in: pool)
        let isRight = text.withBytes { bytes in
            var position = 0
            while position < bytes.byteCount {
                let byte = bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
                position += 1
                guard byte == UInt8(ascii: "%") else {
                    result.append(byte)
                    continue
                }
                guard position + 2 <= bytes.byteCount,
                    let high = digit(bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)),
                    let low = digit(bytes.unsafeLoad(fromByteOffset: position + 1, as: UInt8.self))
                else { return false }
                result.append(high << 4 | low)
                position += 2
            }
            return true
        }
        return isRight ? result.finish() : nil
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// Why a request for an access token was refused (RFC 6749, section 5.2).
public struct OAuthRefusal: Error, Sendable, Hashable {
    /// The code, such as `invalid_client`.
    public var code: String
    /// What to do.
    public var message: String
    /// The HTTP status.
    public var status: Int

    /// The client is not known by what it showed.
    public static let invalidClient = OAuthRefusal(
        code: "invalid_client",
        message: "The client id and the client secret do not belong together, or the secret is not valid any more.",
        status: 401
    )

    /// Creates a refusal.
    public init(code: String, message: String, status: Int) {
        self.code = code
        self.message = message
        self.status = status
    }

    /// Checks what a request asks for, in the form of a query.
    ///
    /// - Throws: The refusal when it is not an access token of a service principal.
    public static func check(form: QueryParameters) throws(OAuthRefusal) {
        guard let grant = form["grant_type"] else {
            throw OAuthRefusal(code: "invalid_request", message: "grant_type is missing.", status: 400)
        }
        guard grant == "client_credentials" else {
            throw OAuthRefusal(
                code: "unsupported_grant_type", message: "Only client_credentials is offered.", status: 400)
        }
        let scopes = (form["scope"] ?? "all-apis").split(separator: " ")
        guard scopes.allSatisfy({ $0 == "all-apis" }) else {
            throw OAuthRefusal(code: "invalid_scope", message: "Only the scope all-apis is offered.", status: 400)
        }
    }
}

/// The answers about access tokens.
public enum OAuthAnswer {
    /// Where to get tokens.
    ///
    /// - Parameter origin: Scheme, host and port under which the client reached the server.
    public static func discovery(origin: String) -> [UInt8] {
        .json { json in
            json.member("issuer", origin + "/oidc")
            json.member("authorization_endpoint", origin + "/oidc/v1/authorize")
            json.member("token_endpoint", origin + OAuthEndpoint.token)
            json.member("grant_types_supported", ["client_credentials"]) { $0.element($1) }
            json.member("token_endpoint_auth_methods_supported", ["client_secret_basic"]) { $0.element($1) }
            json.member("scopes_supported", ["all-apis"]) { $0.element($1) }
        }
    }

    /// A new access token, in memory for secrets.
    public static func issued(_ token: IssuedAccessToken, pool: SecretPool) -> SecretBytes {
        var body = SecretBuffer(in: pool)
        body.append(text: "{\"access_token\":\"")
        token.value.withBytes { body.append($0) }
        let seconds = token.lifetime.components.seconds
        body.append(text: "\",\"token_type\":\"Bearer\",\"expires_in\":\(seconds),\"scope\":\"all-apis\"}")
        return body.finish()
    }

    /// A refusal.
    public static func error(_ refusal: OAuthRefusal) -> [UInt8] {
        .json { json in
            json.member("error", refusal.code)
            json.member("error_description", refusal.message)
        }
    }
}
