public import SecretMemory
internal import SecretScopes

extension ManifestPlan {
    /// Makes the changes, one after the other.
    ///
    /// - Parameters:
    ///   - services: The services of the workspace that the plan was made for.
    ///   - pool: Where the encoded values are kept on their way.
    ///   - didMake: Called after each change; when it throws, the rest is not made.
    /// - Throws: ``ManifestApplyError`` when a change fails. The ones before it were made; applying the same manifests
    ///   again makes the others.
    public func apply(
        to services: any ManifestServices,
        pool: SecretPool,
        didMake: (Change) throws -> Void
    ) async throws {
        var applicationIDs: [String: String] = [:]
        for (made, change) in changes.enumerated() {
            do {
                try await make(change, services: services, pool: pool, applicationIDs: &applicationIDs)
            } catch {
                throw ManifestApplyError(change: change, made: made, of: changes.count, reason: error)
            }
            try didMake(change)
        }
    }

    private func make(
        _ change: Change,
        services: any ManifestServices,
        pool: SecretPool,
        applicationIDs: inout [String: String]
    ) async throws {
        func name(_ text: String) -> String {
            switch change.principal {
            case .known(let known)?: known
            case .newServicePrincipal(let displayName)?: applicationIDs[displayName] ?? text
            case nil: text
            }
        }
        switch change.action {
        case .createPrincipal(let kind, let text):
            let principal = try await services.createPrincipal(kind: kind, name: text)
            if kind == .servicePrincipal { applicationIDs[text.lowercased()] = principal.name }
        case .addMember(let member, let group):
            try await services.addGroupMember(name(member), to: group)
        case .createScope(let scope):
            try await services.createScope(CreateScopeRequest(scope: scope))
        case .linkScope(let link, _):
            try await services.linkScope(link)
        case .setRedaction(let scope, let level, _):
            try await services.setMinimumRedaction(level, of: scope)
        case .grant(let scope, let principal, let permission, _):
            try await services.putACL(scope: scope, principal: name(principal), permission: permission.description)
        case .putSecret(let scope, let key, _, _):
            // A value that was not asked for must not be left out in silence.
            guard let value = change.value else { throw Self.missing(change) }
            let encoded = value.withBytes { Base64.encode($0, in: pool) }
            try await services.putSecret(PutSecretRequest(scope: scope, key: key, bytesValue: encoded))
        }
    }
}

/// A change that could not be made.
public struct ManifestApplyError: Error, Sendable, CustomStringConvertible {
    /// The change.
    public let change: ManifestPlan.Change
    /// How many changes were made before it.
    public let made: Int
    /// How many changes the plan has.
    public let total: Int
    /// Why; a ``SecretScopes/ScopeError`` when the workspace refused.
    public let reason: any Error

    init(change: ManifestPlan.Change, made: Int, of total: Int, reason: any Error) {
        self.change = change
        self.made = made
        self.total = total
        self.reason = reason
    }

    /// What was being done, why it failed, and how far it came.
    public var description: String {
        let why = (reason as? ScopeError)?.message ?? String(describing: reason)
        return "\(change.position): \(change) failed: \(why) \(made) of \(total) changes were made before it."
    }
}
