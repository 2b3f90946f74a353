internal import SecretCrypto
internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// The key of a service account.
struct ServiceAccountKey: Sendable {
    private static let lifetime: Int64 = 3600
    /// Whom the assertion is for, wherever it is sent.
    private static let audience = "https://oauth2.googleapis.com/token"
    /// How a token is asked for with it.
    static let grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"

    let email: String
    let keyID: String?
    let key: SecretBytes
    let tokenURL: LinkURL
    let universe: String

    init?(
        _ fields: JSONFields, _ bytes: RawSpan, _ universe: GoogleUniverse, _ pool: SecretPool
    ) throws(VaultFailure) {
        guard
            let email = fields.text("client_email", in: bytes),
            let key = fields.secret("private_key", in: bytes, pool: pool)
        else { return nil }
        self.email = email
        self.key = key
        self.keyID = fields.text("private_key_id", in: bytes)
        self.universe = fields.text("universe_domain", in: bytes) ?? GoogleUniverse.usual
        // What the link says counts more than what the file does.
        self.tokenURL =
            if let named = universe.named {
                named
            } else {
                try universe.checked(fields.text("token_uri", in: bytes) ?? Self.audience)
            }
        guard self.universe == universe.domain else {
            throw VaultFailure(
                .untrusted,
                detail: "the key is of another universe than \(universe.domain); the option universe can name it")
        }
    }

    /// What is exchanged for a token.
    func assertion(scope: String, _ context: VaultContext) throws(VaultFailure) -> SecretBytes {
        try token(context) { json in
            json.member("scope", scope)
            json.member("aud", Self.audience)
        }
    }

    /// What is a token by itself for one service: the way of universes that have no token endpoint of Google's.
    func token(for service: LinkURL, _ context: VaultContext) throws(VaultFailure) -> SecretBytes {
        try token(context) { json in
            json.member("sub", email)
            json.member("aud", "https://\(service.host)/")
        }
    }

    private func token(
        _ context: VaultContext, _ more: (inout JSONWriter) -> Void
    ) throws(VaultFailure) -> SecretBytes {
        let signer: RSASigningKey
        do {
            signer = try RSASigningKey(pem: key, in: context.pool)
        } catch {
            throw VaultFailure(.credentialUnreadable, detail: "the service account's key cannot be used: \(error)")
        }
        var header = JSONWriter()
        header.object { json in
            json.member("alg", "RS256")
            json.member("typ", "JWT")
            json.member("kid", keyID)
        }
        let now = context.clock.now().rawValue / 1000
        var claims = JSONWriter()
        claims.object { json in
            json.member("iss", email)
            json.member("iat", now)
            json.member("exp", now + Self.lifetime)
            more(&json)
        }
        return try JSONWebToken.sign(header: header, claims: claims, key: signer, padding: .pkcs1, pool: context.pool)
    }
}

/// What a person let an application do.
struct AuthorizedUser: Sendable {
    let clientID: SecretBytes
    let clientSecret: SecretBytes
    let refreshToken: SecretBytes
    let tokenURL: LinkURL

    init?(
        _ fields: JSONFields, _ bytes: RawSpan, _ universe: GoogleUniverse, _ pool: SecretPool
    ) throws(VaultFailure) {
        guard
            let id = fields.secret("client_id", in: bytes, pool: pool),
            let secret = fields.secret("client_secret", in: bytes, pool: pool),
            let token = fields.secret("refresh_token", in: bytes, pool: pool)
        else { return nil }
        self.clientID = id
        self.clientSecret = secret
        self.refreshToken = token
        self.tokenURL =
            if let named = universe.named {
                named
            } else {
                try universe.checked(fields.text("token_uri", in: bytes) ?? "https://oauth2.googleapis.com/token")
            }
    }
}
