package import SecretCrypto
package import SecretMemory
package import SecretScopes

/// How links to one kind of vault are written, and how a vault is made from one.
package protocol VaultDefinition: Sendable {
    /// The kind.
    static var kind: VaultKind { get }
    /// The options beside ``LinkOption/common``. One of them is `auth` where there are several ways to authenticate.
    static var options: [LinkOption] { get }
    /// Whether an address, of the kind's own scheme or of another one, is of such a vault.
    static func claims(_ address: LinkURL) -> Bool
    /// Checks address and options beyond what ``LinkOption/accepts(_:)`` can tell, and says what follows from them.
    ///
    /// - Throws: ``LinkProblem``.
    static func shape(_ address: LinkURL, _ link: LinkConfiguration) throws(LinkProblem) -> LinkShape
    /// Makes the vault of a link that ``shape(_:_:)`` let pass.
    static func vault(_ link: LinkConfiguration, _ context: VaultContext) throws(LinkProblem) -> any Vault
}

extension VaultDefinition {
    package static func claims(_ address: LinkURL) -> Bool { address.scheme == kind.name }
}

/// What follows from a link's address and options.
package struct LinkShape: Sendable, Hashable {
    /// The address in its canonical form.
    package var address: String
    /// Whom the credential is for: for most the host or what stands for it, such as region and endpoint. When it changes,
    /// the link's credential must be told anew.
    package var authority: String
    /// The host that requests go to, with its port if that is not the usual one; `nil` for vaults without one.
    package var host: LinkURL?
    /// What every name in the vault begins with, because of the address.
    package var prefix: String
    /// Whether the link needs a credential of its own, may have one, or has none.
    package var credential: CredentialNeed

    /// Whether a link has a credential of its own.
    package enum CredentialNeed: Sendable, Hashable {
        /// It must have one: the way to authenticate needs it.
        case required
        /// It must not have one, and acts with the identity of the machine.
        case machine
        /// It must not have one, and nothing takes its place.
        case none
    }

    package init(
        address: String, authority: String, host: LinkURL?, prefix: String = "", credential: CredentialNeed
    ) {
        self.address = address
        self.authority = authority
        self.host = host
        self.prefix = prefix
        self.credential = credential
    }
}

/// What vaults need from around them.
package struct VaultContext: Sendable {
    /// Sends requests.
    package var transport: VaultTransport
    /// Where values live.
    package var pool: SecretPool
    /// Tells the time of day.
    package var clock: any WallClock
    /// Tells how old tokens are.
    package var steadyClock: any SteadyClock
    /// Makes nonces and request ids.
    package var random: any RandomSource
    /// The process's environment variables.
    package var environment: [String: String]
    /// What may be linked on this machine.
    package var policy: LinkPolicy

    package init(
        transport: VaultTransport, pool: SecretPool, clock: any WallClock,
        steadyClock: any SteadyClock = SystemSteadyClock(), random: any RandomSource, environment: [String: String],
        policy: LinkPolicy
    ) {
        self.transport = transport
        self.pool = pool
        self.clock = clock
        self.steadyClock = steadyClock
        self.random = random
        self.environment = environment
        self.policy = policy
    }
}
