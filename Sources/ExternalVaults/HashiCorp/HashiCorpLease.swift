internal import SecretMemory

/// A token as the vault gave it, or as it says of one that the link has.
struct HashiCorpLease: Sendable {
    let token: SecretBytes
    /// Whom to trust, and with which certificate to show oneself.
    let trust: ServerTrust
    /// How long it was valid when it was given; `nil` for ever.
    let lifetime: Duration?
    let end: ContinuousClock.Instant?
    let isRenewable: Bool
    /// Whether it was made for this link, so that it is revoked when it is not used any more.
    let isOurs: Bool

    /// How long a token counts that says nothing about its end.
    private static let usualLifetime = Duration.seconds(3600)

    init(
        token: SecretBytes, trust: ServerTrust, seconds: Int64, from now: ContinuousClock.Instant, isRenewable: Bool,
        isOurs: Bool
    ) {
        self.token = token
        self.trust = trust
        self.lifetime = seconds > 0 ? .seconds(seconds) : nil
        self.end = lifetime.map { now + $0 }
        self.isRenewable = isRenewable && seconds > 0
        self.isOurs = isOurs
    }

    /// Reads the `auth` of an answer to a login or a renewal.
    ///
    /// - Throws: ``VaultFailure`` with `notUnderstood`; with `credentialRejected` for a token that only so many requests may
    ///   show.
    init(
        _ answer: VaultAnswer, trust: ServerTrust, isOurs: Bool, at now: ContinuousClock.Instant, pool: SecretPool
    ) throws(VaultFailure) {
        self = try answer.reading { fields, bytes throws(VaultFailure) in
            guard
                let auth = fields.fields("auth", in: bytes),
                let token = auth.secret("client_token", in: bytes, pool: pool), token.count > 0,
                let seconds = auth.integer("lease_duration", in: bytes)
            else { return nil }
            try Self.check(uses: auth.integer("num_uses", in: bytes))
            // Batch tokens are never renewed and cannot be revoked.
            let isBatch = auth.text("token_type", in: bytes) == "batch"
            return HashiCorpLease(
                token: token, trust: trust, seconds: seconds, from: now,
                isRenewable: auth.isTrue("renewable") && !isBatch, isOurs: isOurs && !isBatch)
        }
    }

    /// Reads what the vault says of a token.
    init(
        lookup answer: VaultAnswer, token: SecretBytes, trust: ServerTrust, at now: ContinuousClock.Instant
    ) throws(VaultFailure) {
        self = try answer.reading { fields, bytes throws(VaultFailure) in
            guard let data = fields.fields("data", in: bytes), let seconds = data.integer("ttl", in: bytes) else {
                return nil
            }
            try Self.check(uses: data.integer("num_uses", in: bytes))
            return HashiCorpLease(
                token: token, trust: trust, seconds: seconds, from: now, isRenewable: data.isTrue("renewable"),
                isOurs: false)
        }
    }

    private static func check(uses: Int64?) throws(VaultFailure) {
        guard let uses, uses > 0 else { return }
        throw VaultFailure(
            .credentialRejected,
            detail: "the token may be shown only a number of times, and would burn out; set token_num_uses to 0")
    }

    /// It with its times: anew at two thirds of its life, and not in its last moments.
    var issued: TokenCache<HashiCorpLease>.Issued {
        let lifetime = lifetime ?? Self.usualLifetime
        return TokenCache.Issued(
            token: self, refresh: lifetime * 2 / 3, end: lifetime - min(.seconds(10), lifetime / 10))
    }
}
