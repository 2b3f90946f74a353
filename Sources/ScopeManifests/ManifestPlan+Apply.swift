public import SecretMemory
internal import SecretScopes

extension ManifestPlan {
    /// Makes the changes: first, all or none of them, those that the workspace itself holds, in one transaction; then,
    /// one by one, those in which a vault takes part.
    ///
    /// - Parameters:
    ///   - services: The services of the workspace that the plan was made for.
    ///   - pool: Where the encoded values are kept on their way.
    ///   - didMake: Called for each change once it is made; when it throws, the rest is not made.
    /// - Returns: The id that all events of the transaction have in the audit record; `nil` when there was none.
    /// - Throws: ``ManifestApplyError`` when a change fails. It tells which changes were made; applying the same manifests
    ///   again makes the others.
    @discardableResult
    public func apply(
        to services: any ManifestServices,
        pool: SecretPool,
        didMake: (Change) throws -> Void
    ) async throws -> String? {
        var names = PrincipalNames()
        let together = changes.filter { !$0.isApart }
        var applied: AppliedChanges?
        if !together.isEmpty {
            applied = try await apply(together, to: services, &names)
            for change in together { try didMake(change) }
        }
        for (made, change) in changes.filter(\.isApart).enumerated() {
            do {
                try await make(change, services: services, pool: pool, names)
            } catch {
                throw ManifestApplyError(
                    change: change, made: together.count + made, of: changes.count, reason: error)
            }
            try didMake(change)
        }
        return applied?.id
    }

    /// What principals are called that did not exist when the plan was made.
    private struct PrincipalNames {
        /// The application ids of new service principals, by display name in lower case.
        var applicationIDs: [String: String] = [:]

        /// The name of who is meant by `reference`, which the manifest calls `text`.
        func name(_ reference: PrincipalDirectory.Reference?, _ text: String) -> String {
            switch reference {
            case .known(let known)?: known
            case .newServicePrincipal(let displayName)?: applicationIDs[displayName] ?? text
            case nil: text
            }
        }
    }

    /// Makes changes in one transaction.
    private func apply(
        _ together: [Change], to services: any ManifestServices, _ names: inout PrincipalNames
    ) async throws -> AppliedChanges {
        var creators: [String: Int] = [:]
        var wanted: [WorkspaceChange] = []
        wanted.reserveCapacity(together.count)
        for (index, change) in together.enumerated() {
            if case .createPrincipal(.servicePrincipal, let name) = change.action {
                creators[name.lowercased()] = index
            }
            wanted.append(try Self.workspaceChange(change, creators))
        }
        let applied: AppliedChanges
        do {
            applied = try await services.apply(wanted)
        } catch var error as ScopeError {
            // Which one it was is told by the position in the manifest instead.
            guard let index = error.takeChangeNumber(), together.indices.contains(index) else { throw error }
            throw ManifestApplyError(change: together[index], made: 0, of: changes.count, reason: error)
        }
        for (name, index) in creators { names.applicationIDs[name] = applied.principals[index] }
        return applied
    }

    private static func workspaceChange(_ change: Change, _ creators: [String: Int]) throws -> WorkspaceChange {
        func reference(_ text: String) -> WorkspaceChange.PrincipalReference {
            switch change.principal {
            case .known(let name)?: .named(name)
            case .newServicePrincipal(let name)?: creators[name].map { .created(by: $0) } ?? .named(text)
            case nil: .named(text)
            }
        }
        switch change.action {
        case .createPrincipal(let kind, let name):
            return .createPrincipal(kind: kind, name: name)
        case .addMember(let member, let group):
            return .addGroupMember(reference(member), group: group)
        case .createScope(let scope):
            return .createScope(scope, grantsManage: !change.hasOwnACL)
        case .setRedaction(let scope, let level, let previous):
            return .setMinimumRedaction(level, scope: scope, previous: previous)
        case .grant(let scope, let principal, let permission, let previous):
            return .putACL(
                scope: scope, principal: reference(principal), permission: permission, previous: previous)
        case .revoke(let scope, let principal, let previous):
            return .deleteACL(scope: scope, principal: principal, previous: previous)
        case .putSecret(let scope, let key, _, _):
            // A value that was not asked for must not be left out in silence.
            guard let value = change.value else { throw missing(change) }
            return .putSecret(scope: scope, key: key, value: value, previous: change.version)
        case .deleteSecret(let scope, let key):
            guard let version = change.version else { preconditionFailure("a planned version is missing") }
            return .deleteSecret(scope: scope, key: key, previous: version)
        case .linkScope:
            preconditionFailure("a link is no change of the workspace alone")
        }
    }

    /// Makes a change in which a vault takes part.
    private func make(
        _ change: Change, services: any ManifestServices, pool: SecretPool, _ names: PrincipalNames
    ) async throws {
        switch change.action {
        case .linkScope(let link, _):
            try await services.linkScope(link)
            guard change.hasOwnACL else { return }
            try await services.deleteACL(scope: link.scope, principal: services.currentPrincipal().name)
        case .setRedaction(let scope, let level, _):
            try await services.setMinimumRedaction(level, of: scope)
        case .grant(let scope, let principal, let permission, _):
            try await services.putACL(
                scope: scope, principal: names.name(change.principal, principal), permission: permission.description)
        case .putSecret(let scope, let key, _, _):
            // A value that was not asked for must not be left out in silence.
            guard let value = change.value else { throw Self.missing(change) }
            let encoded = value.withBytes { Base64.encode($0, in: pool) }
            try await services.putSecret(PutSecretRequest(scope: scope, key: key, bytesValue: encoded))
        case .createPrincipal, .addMember, .createScope, .revoke, .deleteSecret:
            preconditionFailure("the workspace alone makes this change, in a transaction")
        }
    }
}

extension ScopeError {
    /// Takes the number of a change, which an apply's refusal begins with, off the message.
    ///
    /// - Returns: The change's index; `nil` when there is no number.
    fileprivate mutating func takeChangeNumber() -> Int? {
        guard message.hasPrefix("Change "), let colon = message.firstIndex(of: ":") else { return nil }
        let words = message[..<colon].split(separator: " ")
        guard words.count == 4, let number = Int(words[1]), number > 0 else { return nil }
        message = String(message[message.index(after: colon)...].drop { $0 == " " })
        return number - 1
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
        let rest = made == 0 ? "Nothing was changed." : "\(made) of \(total) changes were made before it."
        return "\(change.position): \(change) failed: \(why) \(rest)"
    }
}
