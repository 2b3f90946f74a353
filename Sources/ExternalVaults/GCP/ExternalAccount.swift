internal import SecretMemory

/// An identity of somebody else, whose token Google's Security Token Service exchanges (workload identity federation).
struct ExternalAccount: Sendable {
    static let grantType = "urn:ietf:params:oauth:grant-type:token-exchange"
    static let requestedType = "urn:ietf:params:oauth:token-type:access_token"

    /// The provider of the pool.
    let audience: String
    /// What kind of token is exchanged.
    let subjectTokenType: String
    /// Where it is exchanged.
    let tokenURL: LinkURL
    /// As whom to act then.
    let impersonation: ServiceAccountImpersonation?
    /// Where the token comes from.
    let source: SubjectTokenSource
    /// The project that is charged, for pools of people.
    let userProject: String?
    /// The client that exchanges, where one is registered: its id and secret with a colon between them.
    let client: SecretBytes?

    init?(
        _ fields: JSONFields, _ bytes: RawSpan, _ universe: GoogleUniverse, _ pool: SecretPool
    ) throws(VaultFailure) {
        guard
            let audience = fields.text("audience", in: bytes),
            let type = fields.text("subject_token_type", in: bytes),
            let url = fields.text("token_url", in: bytes), let source = fields.fields("credential_source", in: bytes)
        else { return nil }
        self.audience = audience
        self.subjectTokenType = type
        self.tokenURL = try universe.checked(url)
        self.userProject = fields.text("workforce_pool_user_project", in: bytes)
        if let text = fields.text("service_account_impersonation_url", in: bytes) {
            var impersonation = ServiceAccountImpersonation(url: try universe.checked(text))
            let settings = fields.fields("service_account_impersonation", in: bytes)
            if let lifetime = settings?.integer("token_lifetime_seconds", in: bytes), (600...43_200) ~= lifetime {
                impersonation.lifetime = Int(lifetime)
            }
            self.impersonation = impersonation
        } else {
            self.impersonation = nil
        }
        self.client =
            if let id = fields.text("client_id", in: bytes),
                let secret = fields.secret("client_secret", in: bytes, pool: pool)
            {
                Self.client(id, secret, pool)
            } else {
                nil
            }
        guard let source = try SubjectTokenSource(source, bytes, pool) else { return nil }
        self.source = source
    }

    private static func client(_ id: String, _ secret: SecretBytes, _ pool: SecretPool) -> SecretBytes {
        var text = SecretBuffer(in: pool)
        for byte in id.utf8 { text.append(byte) }
        text.append(UInt8(ascii: ":"))
        secret.withBytes { text.append($0) }
        return text.withBytes { Base64.encode($0, in: pool) }
    }

    /// The form that exchanges `token`.
    func form(exchanging token: SecretBytes, scope: String, pool: SecretPool) -> SecretBytes {
        var form = FormBody(in: pool)
        form.add("grant_type", Self.grantType)
        form.add("audience", audience)
        form.add("scope", scope)
        form.add("requested_token_type", Self.requestedType)
        form.add("subject_token", token)
        form.add("subject_token_type", subjectTokenType)
        if let userProject, client == nil {
            form.add("options", PercentEncoding.encode(#"{"userProject":"\#(userProject)"}"#))
        }
        return form.finish()
    }
}
