internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// Asks Microsoft Entra for tokens (its interface of version 2).
struct EntraTokens: Sendable {
    /// The host that issues them.
    let authority: LinkURL
    let endpoint: VaultEndpoint
    let trust: ServerTrust
    let context: VaultContext

    /// How long one request may take.
    static let timeout = Duration.seconds(10)

    /// A token for `scope`.
    ///
    /// - Throws: ``VaultFailure``: `credentialRejected` when the issuer refuses.
    func token(
        for application: EntraApplication, scope: String, claims: String?, _ call: VaultCall
    ) async throws(VaultFailure) -> TokenCache<SecretBytes>.Issued {
        let target = "/\(application.tenant)/oauth2/v2.0/token"
        let proof = try await proof(of: application, call)
        let answer = try await endpoint.send(trust: trust, deadline: min(call.deadline, .now + Self.timeout)) {
            () throws(VaultFailure) in
            var form = FormBody(in: context.pool)
            form.add("client_id", application.client)
            form.add("grant_type", "client_credentials")
            form.add("scope", scope)
            form.add("claims", EntraClaims.request(merging: claims))
            switch application.proof {
            case .secret: form.add("client_secret", proof)
            case .federatedToken:
                form.add("client_assertion_type", ClientAssertion.type)
                form.add("client_assertion", proof)
            case .certificate:
                form.add("client_assertion_type", ClientAssertion.type)
                form.add(
                    "client_assertion",
                    try ClientAssertion.make(
                        certificate: proof, client: application.client, audience: "\(authority)\(target)", context))
            }
            return VaultRequest(
                "POST", authority, target, headers: [FormBody.contentType, ("Accept", "application/json")],
                body: form.finish(), timeout: Self.timeout)
        } problem: {
            EntraFailure.failure(in: $0)
        }
        return try AzureToken.issued(answer, context)
    }

    /// What the application knows or has, as it is now.
    private func proof(of application: EntraApplication, _ call: VaultCall) async throws(VaultFailure) -> SecretBytes {
        switch application.proof {
        case .secret(let place), .certificate(let place):
            switch place {
            case .link: return try await call.credential.read()
            case .variable(let name):
                guard let value = context.environment[name], !value.isEmpty else {
                    throw VaultFailure(.credentialUnreadable, detail: "the variable \(name) is not set")
                }
                return SecretBytes(copying: Array(value.utf8).span.bytes, in: context.pool)
            case .file(let path): return try CredentialFile.read(path, in: context.pool)
            }
        case .federatedToken(let path): return try CredentialFile.read(path, in: context.pool)
        }
    }
}

/// A token in an answer, from Entra or from a machine's own service.
enum AzureToken {
    /// How long before its end a token is renewed when its issuer does not say.
    private static let refreshAhead: Int64 = 300
    /// From this lifetime on it is renewed at its half.
    private static let long: Int64 = 7200

    /// Takes the token and its times out of an answer.
    ///
    /// - Throws: ``VaultFailure`` with `notUnderstood`.
    static func issued(
        _ answer: VaultAnswer, _ context: VaultContext
    ) throws(VaultFailure) -> TokenCache<SecretBytes>.Issued {
        try answer.reading { fields, bytes in
            guard let token = fields.secret("access_token", in: bytes, pool: context.pool), token.count > 0 else {
                return nil
            }
            // A service of the machine may say only when it ends.
            let end = fields.integer("expires_on", in: bytes).map { $0 - context.clock.now().rawValue / 1000 }
            guard let lifetime = fields.integer("expires_in", in: bytes) ?? end, (1...31_536_000) ~= lifetime else {
                return nil
            }
            let refresh =
                fields.integer("refresh_in", in: bytes) ?? (lifetime >= long ? lifetime / 2 : lifetime - refreshAhead)
            return TokenCache.Issued(
                token: token, lifetime: .seconds(lifetime),
                refreshAhead: .seconds(lifetime - max(0, min(refresh, lifetime))))
        }
    }
}

/// What Entra's refusals mean.
enum EntraFailure {
    /// The codes that can be mended by whoever made the link.
    private static let known: [Int64: String] = [
        7_000_215: "the client secret is not the application's", 7_000_222: "the client secret has expired",
        700_016: "there is no application with this client-id in the tenant", 90_002: "there is no such tenant",
        700_027: "the certificate is not registered for the application, or has expired",
        700_024: "the assertion is not valid at this time; compare the clocks",
        700_021: "the assertion is not signed by the key of the certificate",
        70_021: "no federated credential of the application fits the projected token",
        700_213: "no federated credential of the application fits the projected token's subject",
        700_212: "no federated credential of the application fits the projected token's audience",
        500_011: "the tenant does not know the vault's service", 7_000_112: "the application is disabled",
        53_003: "a conditional access policy refuses it", 65_001: "the application lacks a consent",
    ]

    static func failure(in answer: VaultAnswer) -> VaultFailure? {
        switch answer.status {
        case 200: return nil
        case 300...399: return VaultFailure(.untrusted, detail: "the token issuer answers with a redirect")
        case 429: return VaultFailure(.throttled, detail: "the token issuer is asked too often")
        case 408, 500...599:
            return VaultFailure(.unreachable, detail: "the token issuer answers with status \(answer.status)")
        default:
            let reason = try? answer.body.readingJSON { fields, bytes -> String? in
                for element in fields.elements("error_codes", in: bytes) ?? [] {
                    if let code = element.integer(in: bytes), let text = known[code] {
                        return "\(text) (AADSTS\(code))"
                    }
                }
                return nil
            }
            return VaultFailure(
                .credentialRejected,
                detail: reason ?? "the token issuer refuses with status \(answer.status)")
        }
    }
}
