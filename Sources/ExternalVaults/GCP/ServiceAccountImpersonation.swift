internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// How a service account is acted as: with the token of somebody who may.
struct ServiceAccountImpersonation: Sendable {
    private static let usualLifetime = 3600

    /// Where its tokens are asked for.
    let url: LinkURL
    /// Those through whom it goes, if it takes several steps.
    var delegates: [String] = []
    /// How many seconds a token lives.
    var lifetime = usualLifetime

    /// The usual address for an account.
    static func url(of email: String, _ universe: GoogleUniverse) -> LinkURL? {
        let path = "/v1/projects/-/serviceAccounts/\(PercentEncoding.encode(email)):generateAccessToken"
        // Where the link names an address of its own, all of Google is there.
        return LinkURL(
            (universe.named.map { $0.origin.description } ?? "https://iamcredentials.\(universe.domain)") + path)
    }

    /// The body of the request.
    func body(scope: String, pool: SecretPool) -> SecretBytes {
        var json = JSONWriter()
        json.object { json in
            json.member("delegates", delegates) { $0.element($1) }
            json.member("scope", [scope]) { $0.element($1) }
            json.member("lifetime", "\(lifetime)s")
        }
        return SecretBytes(copying: json.bytes.span.bytes, in: pool)
    }

    /// Takes the token and its end out of the answer.
    static func issued(
        _ answer: VaultAnswer, _ context: VaultContext
    ) throws(VaultFailure) -> (token: SecretBytes, lifetime: Duration) {
        try answer.reading { fields, bytes in
            let now = context.clock.now()
            guard
                let token = fields.secret("accessToken", in: bytes, pool: context.pool), token.count > 0,
                let end = fields.text("expireTime", in: bytes).flatMap({ TimeText.timestamp($0, now: now) }), end > now
            else { return nil }
            return (token, .milliseconds(end.rawValue - now.rawValue))
        }
    }
}
