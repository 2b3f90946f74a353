public import Redaction
public import SecretMemory
internal import SecretScopes

/// One execution of somebody's code with secrets within its reach.
///
/// It lives inside the closure that ``RunStarter/run(_:_:)`` is given; behind it the broker is gone and the token is
/// worth nothing.
public final class Run: Sendable {
    /// Names the run in the audit record, as the session of its events.
    public let id: String
    /// Where the run's broker listens, as a URL without a path.
    public let host: String
    /// The run's token, which the broker alone accepts, and which the redactor knows.
    public let token: SecretBytes
    /// Knows every value that the run was given.
    public let redactor: Redactor
    /// The cell that the run is at; set by the notebook's runner.
    public let currentCell: CurrentCell

    private let gateway: any ServiceGateway
    private let origin: @Sendable () -> RequestOrigin

    init(
        id: String,
        host: String,
        token: SecretBytes,
        redactor: Redactor,
        currentCell: CurrentCell,
        gateway: any ServiceGateway,
        origin: @escaping @Sendable () -> RequestOrigin
    ) {
        self.id = id
        self.host = host
        self.token = token
        self.redactor = redactor
        self.currentCell = currentCell
        self.gateway = gateway
        self.origin = origin
    }

    /// The environment of the run's child: `inherited` as far as it may pass, `given` in front of it, references in
    /// both replaced by the values that they stand for, and what the child needs to find the run's broker.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` that names the variable whose reference cannot be resolved, or the given one
    ///   that looks like a misspelt reference, or is the run's own.
    public func childEnvironment(
        inheriting inherited: [String: String],
        adding given: [String: String] = [:]
    ) async throws -> ChildEnvironment {
        for (name, text) in given.sorted(by: { $0.key < $1.key }) { try Self.check(name, text) }
        // Variables that do not pass are not resolved either.
        let variables = ChildEnvironment.scrubbed(inherited.merging(given) { $1 })
        var environment = ChildEnvironment(forRunInheriting: variables, host: host, token: token)
        for (name, value) in try await resolveReferences(in: variables) {
            environment.set(name, to: value)
        }
        return environment
    }

    private static func check(_ name: String, _ text: String) throws(ScopeError) {
        guard !ChildEnvironment.scrubbed([name: text]).isEmpty else {
            throw ScopeError(
                .invalidParameterValue,
                "\(name) cannot be given: variables of that kind tell the command where the run's own server is. "
                    + "Leave it out."
            )
        }
        guard let intended = SecretReference.intended(by: text) else { return }
        throw ScopeError(
            .invalidParameterValue,
            "\(name) is not a reference to a secret. Did you mean \(intended), as the whole value?"
        )
    }

    /// The values of those of the named values that are references, by name, read as the run and known to its redactor.
    ///
    /// - Throws: ``SecretScopes/ScopeError``; see ``SecretReferenceResolver/resolve(_:)-([String:String])``.
    public func resolveReferences(in values: [String: String]) async throws -> [String: SecretBytes] {
        guard values.values.contains(where: { SecretReference($0) != nil }) else { return [:] }
        let services = try await gateway.services(forToken: token, origin: origin())
        return try await SecretReferenceResolver(secrets: services).resolve(values)
    }
}
