internal import ExternalVaults
public import SecretMemory
public import SecretScopes

/// An external vault that this process reaches for its own sake, without a scope that is linked to it: to move secrets
/// from it or to it.
///
/// It is reached with what whoever started the process has, and so is not held to what ``LinkSettings`` let links reach:
/// a server must never make one for somebody else.
public struct VaultConnection: Sendable {
    /// What a vault lists.
    public struct Names: Sendable {
        /// The names as keys, sorted.
        public var keys: [String]
        /// How many names are left out because they are no keys.
        public var hidden: Int
        /// Keys that several names stand for, which differ in case only; of each, one stands among the keys.
        public var clashes: [String]
    }

    private static let patience = Duration.seconds(120)

    private let vaults: ExternalVaults
    private let access: LinkAccess

    /// The address, in the form in which links store it.
    public var address: String { access.link.address }
    /// The kind of the vault.
    public var kind: VaultKind { access.link.kind }
    /// Whether it bears several calls at a time: programs and files are not made for that, and fields of one secret get
    /// into each other's way.
    public var takesSeveralCalls: Bool {
        kind != .program && kind != .directory && access.link.options["layout"] != "fields"
    }

    /// Prepares calls; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - scope: The scope that is moved, which programs are told.
    ///   - address: The vault's address, as links have it.
    ///   - options: The options of a link. `writable` needs to be among them for calls of ``put(_:as:)``.
    ///   - credential: Where the credential is read, as links have it: `{{secrets/SCOPE/KEY}}`, `env:NAME` or `file:PATH`.
    ///   - readSecret: Reads a credential that is a secret.
    ///   - pool: Where values live.
    /// - Throws: `ScopeError` with `INVALID_PARAMETER_VALUE` when these make no link.
    public init(
        scope: String,
        address: String,
        options: [String: String],
        credential: String?,
        readSecret: @escaping @Sendable (_ scope: ScopeName, _ key: SecretName) async throws -> SecretBytes,
        pool: SecretPool
    ) throws(ScopeError) {
        let policy = try ExternalVaults.policy(forOwnCallsOf: address, options: options, credential: credential)
        vaults = ExternalVaults(policy: policy, environment: LazyVaults.environment, pool: pool)
        guard let name = ScopeName(rawValue: scope) else {
            throw ScopeError(
                .invalidParameterValue, "\(scope) is no scope's name: use 1 to 128 letters, digits and _ . @ / -.")
        }
        let link = try vaults.validate(
            LinkScopeRequest(scope: name.rawValue, address: address, options: options, credential: credential))
        var read: (@Sendable () async throws -> SecretBytes)?
        if case .secret(let scope, let key) = link.credential { read = { try await readSecret(scope, key) } }
        access = LinkAccess(
            scope: ScopeID(high: 0, low: 0),
            scopeName: name,
            link: ScopeLink(
                kind: link.kind, address: link.address, options: link.options, credential: link.credential,
                owner: PrincipalID(high: 0, low: 0), usesMachine: link.usesMachine),
            revision: [],
            credentialRevision: read == nil ? nil : VersionID(high: 0, low: 0),
            readCredential: read,
            deadline: .now,
            isLinked: false
        )
    }

    /// Everything that is there.
    ///
    /// - Throws: `ScopeError` when the vault refuses or cannot be reached.
    public func names() async throws(ScopeError) -> Names {
        let index = try await vaults.names(through: call)
        return Names(keys: index.entries.map(\.key), hidden: index.hidden, clashes: index.clashes)
    }

    /// A value; `nil` when there is none.
    ///
    /// - Throws: `ScopeError` when the vault refuses or cannot be reached.
    public func value(of key: SecretName) async throws(ScopeError) -> SecretBytes? {
        do {
            return try await vaults.read(key, through: call).value
        } catch  where error.code == .resourceDoesNotExist {
            return nil
        }
    }

    /// Stores a value.
    ///
    /// - Throws: `ScopeError` when the vault refuses or cannot be reached.
    public func put(_ value: SecretBytes, as key: SecretName) async throws(ScopeError) {
        _ = try await vaults.put(value, as: key, through: call)
    }

    /// Why a key can be no name in the vault; `nil` when it can.
    public func problem(with key: SecretName) throws(ScopeError) -> String? {
        try vaults.problem(with: key, through: call)
    }

    private var call: LinkAccess {
        var call = access
        call.deadline = .now + Self.patience
        return call
    }
}
