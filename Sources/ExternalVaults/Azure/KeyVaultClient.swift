internal import SecretMemory
internal import Synchronization

/// Sends requests to one vault with the token that the vault itself said it wants.
final class KeyVaultClient: Sendable {
    private struct State {
        var challenge: KeyVaultChallenge?
        /// What the vault last missed in a token.
        var claims: String?
    }

    /// How long it may take to come by a token, with all repetitions.
    private static let tokenPatience = Duration.seconds(20)

    /// Where requests are sent.
    let origin: LinkURL
    private let vault: KeyVaultAddress
    private let identity: AzureIdentity
    private let authorities: [String]
    private let endpoint: VaultEndpoint
    private let trust: ServerTrust
    private let entra: EntraTokens
    private let context: VaultContext
    private let tokens: TokenCache<SecretBytes>
    private let state = Mutex(State())

    init(_ link: LinkConfiguration, _ context: VaultContext) throws(LinkProblem) {
        self.vault = try KeyVaultAddress(link.address)
        self.identity = try AzureIdentity(link, context)
        self.context = context
        self.tokens = TokenCache(clock: context.steadyClock)
        let environment = context.environment["AZURE_AUTHORITY_HOST"].flatMap { $0.isEmpty ? nil : $0 }
        var own = try LinkOrigin.option("authority-host", of: link)
        if let own { try LinkOrigin.check(own, option: "authority-host", context.policy) }
        // Where a link's own credential goes is for the link to say.
        let isMachine = !["client-secret", "client-certificate"].contains(link.authentication(default: "auto"))
        if own == nil, isMachine, let environment {
            guard
                let url = LinkURL(environment.contains("://") ? environment : "https://" + environment),
                url.scheme == "https", let authority = LinkURL("https://" + url.authority)
            else { throw LinkProblem("The variable AZURE_AUTHORITY_HOST is not an https address.") }
            own = authority
        }
        let cloud = vault.cloud
        guard let authority = own ?? cloud.flatMap({ LinkURL("https://" + $0.authority) }) else {
            throw LinkProblem("Give the option authority-host, which issues the vault's tokens.")
        }
        self.authorities =
            (own.map { [$0.authority] } ?? []) + (cloud.map { [$0.authority] + $0.otherAuthorities } ?? [])
        let endpointOption = try LinkOrigin.option("endpoint", of: link)
        guard let origin = endpointOption ?? LinkURL(vault.url) else {
            throw LinkProblem("\(vault.host) is not a host.")
        }
        self.origin = origin
        self.trust = try ServerTrust(certificates: link.certificates)
        // Certificates that are given for an endpoint of one's own say nothing about the usual issuer.
        let isIssuerApart = endpointOption != nil && own == nil
        self.endpoint = VaultEndpoint(context.transport, random: context.random, rateLimit: link.number("rate-limit"))
        self.entra = EntraTokens(
            authority: authority, endpoint: VaultEndpoint(context.transport, random: context.random, rateLimit: nil),
            trust: isIssuerApart ? ServerTrust() : trust, context: context)
    }

    /// Sends a request, with as many challenges before it as are allowed, and returns the answer of success.
    ///
    /// - Parameter mayRepeat: Whether sending it twice does no more than sending it once.
    /// - Throws: ``VaultFailure``.
    func send(
        _ method: String, _ target: String, body: SecretBytes? = nil, timeout: Duration, mayRepeat: Bool = true,
        _ call: VaultCall
    ) async throws(VaultFailure) -> VaultAnswer {
        var (challenge, claims) = state.withLock { ($0.challenge, $0.claims) }
        // A challenge that is just found out, and the token that is fetched for it, can only be refused for good.
        var isNew = challenge == nil
        var hasClaims = false
        while true {
            guard let known = challenge else {
                challenge = try await discover(method, target, timeout, call)
                continue
            }
            let revision = [call.credential.revision, known.scope, known.tenant ?? "", claims ?? ""].joined(
                separator: "\n")
            let token = try await tokens.token(for: revision, until: call.deadline) {
                [claims] () throws(VaultFailure) in
                // Others may wait for it longer than this caller does.
                var call = call
                call.deadline = .now + Self.tokenPatience
                return try await self.token(known, claims, call)
            }
            let answer = try await endpoint.send(trust: trust, deadline: call.deadline, mayRepeat: mayRepeat) {
                VaultRequest(
                    method, origin, target, headers: body == nil ? [] : [("Content-Type", "application/json")],
                    secretHeaders: [.init("Authorization", prefix: "Bearer ", token)], body: body, timeout: timeout)
            } problem: {
                KeyVaultFailure.failure(in: $0)
            }
            guard answer.status == 401 else { return answer }
            tokens.drop(revision: revision)
            let refusal = AuthenticationChallenge(answer)
            if !hasClaims, let missing = refusal?.claims(pool: context.pool) {
                hasClaims = true
                claims = missing
                state.withLock { $0.claims = missing }
                continue
            }
            state.withLock { $0 = State() }
            guard !isNew, let refusal else {
                throw VaultFailure(
                    .credentialRejected, detail: "the vault does not accept a token that was just issued")
            }
            isNew = true
            claims = nil
            challenge = try verified(refusal)
        }
    }

    /// Asks without a token and without a body, to be told whose token is wanted.
    private func discover(
        _ method: String, _ target: String, _ timeout: Duration, _ call: VaultCall
    ) async throws(VaultFailure) -> KeyVaultChallenge {
        let answer = try await endpoint.send(trust: trust, deadline: call.deadline) {
            VaultRequest(method, origin, target, timeout: timeout)
        } problem: {
            KeyVaultFailure.failure(in: $0)
        }
        guard answer.status == 401, let challenge = AuthenticationChallenge(answer) else {
            throw VaultFailure(.notUnderstood, detail: "it does not ask for a token, as Key Vault does")
        }
        return try verified(challenge)
    }

    private func verified(_ challenge: AuthenticationChallenge) throws(VaultFailure) -> KeyVaultChallenge {
        let verified = try KeyVaultChallenge(
            challenge, vault: vault, authorities: authorities, tenant: identity.tenant)
        state.withLock { $0.challenge = verified }
        return verified
    }

    private func token(
        _ challenge: KeyVaultChallenge, _ claims: String?, _ call: VaultCall
    ) async throws(VaultFailure) -> TokenCache<SecretBytes>.Issued {
        switch identity {
        case .application(let application):
            try await entra.token(for: application, scope: challenge.scope, claims: claims, call)
        case .managed(let managed):
            try await managed.token(scope: challenge.scope, endpoint: entra.endpoint, context, call)
        }
    }
}
