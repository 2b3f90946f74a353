internal import SecretScopes

/// What everything that talks to AWS for one link shares.
struct AWSAccess: Sendable {
    let context: VaultContext
    let machine: AWSMachine
    let region: String
    let trust: ServerTrust
    /// Where roles are assumed.
    let tokenServiceOrigin: LinkURL
    /// Tells the time as AWS' servers see it.
    let clock: AWSClock
    private let tokenServiceEndpoint: VaultEndpoint

    /// - Throws: ``LinkProblem`` when an endpoint or a file that the link or the machine names is of no use.
    init(_ link: LinkConfiguration, _ context: VaultContext) throws(LinkProblem) {
        self.context = context
        self.machine = AWSMachine(environment: context.environment, pool: context.pool)
        self.region = link.address.host
        self.trust = try ServerTrust(certificates: link.certificates)
        self.tokenServiceOrigin = try AWSEndpoints.origin(of: .securityTokens, link, machine)
        if link.text("sts-endpoint") != nil {
            try LinkOrigin.check(tokenServiceOrigin, option: "sts-endpoint", context.policy)
        }
        self.clock = AWSClock(context.clock)
        self.tokenServiceEndpoint = VaultEndpoint(context.transport, random: context.random, rateLimit: nil)
    }

    /// The service that gives temporary credentials.
    ///
    /// - Parameter session: Whose credentials sign the requests; `nil` for requests that show a token instead.
    func tokenService(signedBy session: AWSCredentialSession?) -> SecurityTokenService {
        SecurityTokenService(
            client: AWSClient(
                .securityTokens, at: tokenServiceOrigin, tokenServiceEndpoint, session: session, access: self),
            pool: context.pool)
    }
}
