internal import SecretScopes

/// Compares a manifest with a workspace, one kind of thing after the other.
struct ManifestPlanner {
    typealias CanonicalAddress = (LinkManifest) throws(ManifestProblem) -> String

    private let services: any ManifestServices
    private let values: ValueReader
    private let prunes: Bool
    private let canonicalAddress: CanonicalAddress
    private var directory = PrincipalDirectory(existing: [])
    private var changes: [ManifestPlan.Change] = []
    private var problems: [ManifestProblem] = []

    init(
        services: any ManifestServices, values: ValueReader, prunes: Bool, canonicalAddress: @escaping CanonicalAddress
    ) {
        self.prunes = prunes
        self.canonicalAddress = canonicalAddress
        self.services = services
        self.values = values
    }

    mutating func plan(_ manifest: Manifest) async throws -> [ManifestPlan.Change] {
        try await planPrincipals(manifest)
        for group in manifest.groups {
            try await planMembers(of: group)
        }
        // Native scopes first: one of them may hold the credential of a link.
        let scopes = manifest.scopes.filter { $0.link == nil } + manifest.scopes.filter { $0.link != nil }
        let state = try await WorkspaceState(of: scopes, in: services, prunes: prunes)
        var comparison = SecretComparison(of: scopes, state: state, services: services, reader: values)
        let differences = try await comparison.differences(&problems)
        for scope in scopes {
            let present = state.scopes[scope.name.value]
            if let link = scope.link {
                try await planLink(link, of: scope, existing: present?.settings.name)
            } else if present == nil {
                changes.append(
                    .init(
                        .createScope(scope.name.value.rawValue), at: scope.name.position,
                        hasOwnACL: scope.describesACL))
            }
            planRedaction(of: scope, existing: present?.settings)
            planGrants(of: scope, existing: present)
            planSecrets(of: scope, existing: present, differences)
            if prunes { try await planRemovals(of: scope, existing: present) }
        }
        guard problems.isEmpty else { throw ManifestError(problems) }
        return changes
    }

    private mutating func planPrincipals(_ manifest: Manifest) async throws {
        // Only administrators may see the principals, and a manifest that names none is not theirs alone.
        guard manifest.namesPrincipals else { return }
        var existing: [Principal] = []
        for kind in PrincipalKind.allCases {
            existing += try await services.listPrincipals(kind: kind)
        }
        directory = PrincipalDirectory(existing: existing)
        let wanted =
            manifest.users.map { (PrincipalKind.user, $0) }
            + manifest.groups.map { (PrincipalKind.group, $0.name) }
        for (kind, name) in wanted {
            guard let principal = directory.existing(name.value) else {
                create(kind, name)
                continue
            }
            guard principal.kind != kind else { continue }
            problems.append(
                ManifestProblem(
                    "\"\(name.value)\" is a \(principal.kind) in the workspace, not a \(kind).", at: name.position))
        }
        for name in manifest.servicePrincipals where directory.servicePrincipals(displayName: name.value).isEmpty {
            create(.servicePrincipal, name)
        }
    }

    private mutating func create(_ kind: PrincipalKind, _ name: Located<PrincipalName>) {
        directory.add(kind: kind, name: name.value)
        changes.append(.init(.createPrincipal(kind: kind, name: name.value.rawValue), at: name.position))
    }

    private mutating func planMembers(of group: GroupManifest) async throws {
        guard !group.members.isEmpty else { return }
        var present: Set<PrincipalDirectory.Reference> = []
        if let existing = directory.existing(group.name.value), existing.kind == .group {
            present = Set(try await services.groupMembers(existing.name).map { .known($0.name) })
        }
        for member in group.members {
            guard let reference = resolve(member), !present.contains(reference) else { continue }
            changes.append(
                .init(
                    .addMember(member: member.value.rawValue, group: group.name.value.rawValue),
                    at: member.position,
                    principal: reference
                )
            )
        }
    }

    private mutating func planLink(_ link: LinkManifest, of scope: ScopeManifest, existing: String?) async throws {
        let address: String
        do throws(ManifestProblem) {
            address = try canonicalAddress(link)
        } catch {
            problems.append(error)
            return
        }
        let present: ScopeLinkDescription? =
            if let existing { try await services.scopeLink(of: existing) } else { nil }
        if let present, present.address == address, present.options == link.options,
            present.credential == link.credential
        {
            return
        }
        let request = LinkScopeRequest(
            scope: existing ?? scope.name.value.rawValue, address: address, options: link.options,
            credential: link.credential)
        changes.append(
            .init(
                .linkScope(request, previous: present), at: link.address.position, isApart: true,
                hasOwnACL: existing == nil && scope.describesACL))
    }

    private mutating func planRedaction(of scope: ScopeManifest, existing: SecretScope?) {
        let previous = existing?.minimumRedaction ?? .literal
        guard let wanted = scope.redaction, wanted.value != previous else { return }
        let name = existing?.name ?? scope.name.value.rawValue
        changes.append(
            .init(
                .setRedaction(scope: name, level: wanted.value, previous: previous), at: wanted.position,
                isApart: scope.link != nil && existing == nil))
    }

    private mutating func planGrants(of scope: ScopeManifest, existing: WorkspaceState.Scope?) {
        var granted: [PrincipalDirectory.Reference: Permission] = [:]
        for item in existing?.acl ?? [] { granted[.known(item.principal)] = item.permission }
        for grant in scope.acl {
            guard let reference = resolve(grant.principal) else { continue }
            let previous = granted[reference]
            guard previous != grant.permission else { continue }
            changes.append(
                .init(
                    .grant(
                        scope: existing?.settings.name ?? scope.name.value.rawValue,
                        principal: grant.principal.value.rawValue,
                        permission: grant.permission,
                        previous: previous
                    ),
                    at: grant.principal.position,
                    principal: reference,
                    isApart: scope.link != nil && existing == nil
                )
            )
        }
    }

    private mutating func planSecrets(
        of scope: ScopeManifest, existing: WorkspaceState.Scope?,
        _ differences: [SecretPlace: SecretComparison.Difference]
    ) {
        for secret in scope.secrets {
            let place = SecretPlace(scope: scope.name.value, key: secret.name.value)
            guard let difference = differences[place] else { continue }
            changes.append(
                .init(
                    .putSecret(
                        scope: existing?.settings.name ?? scope.name.value.rawValue,
                        key: secret.name.value.rawValue,
                        source: secret.source.value,
                        replaces: difference.replaces
                    ),
                    at: secret.name.position,
                    value: difference.value,
                    version: difference.previous,
                    isApart: scope.link != nil || existing?.settings.link != nil
                )
            )
        }
    }

    /// What the manifest leaves out of the ACL and the secrets that it describes. The secrets behind a link are the
    /// vault's and stay.
    private mutating func planRemovals(of scope: ScopeManifest, existing: WorkspaceState.Scope?) async throws {
        guard let existing else { return }
        if scope.describesACL, let acl = existing.acl {
            let wanted = Set(scope.acl.compactMap { resolve($0.principal) })
            // Without it nobody but administrators could change the scope, and who applies this lost it unasked.
            let isManaged = scope.acl.contains { $0.permission == .manage }
            let keeper = isManaged ? nil : try await services.currentPrincipal().name
            for item in acl where !wanted.contains(.known(item.principal)) {
                if item.permission == .manage, item.principal == keeper { continue }
                changes.append(
                    .init(
                        .revoke(
                            scope: existing.settings.name, principal: item.principal, previous: item.permission),
                        at: scope.name.position))
            }
        }
        if scope.describesSecrets, let secrets = existing.secrets {
            let wanted = Set(scope.secrets.map(\.name.value.folded))
            for (key, secret) in secrets.sorted(by: { $0.key < $1.key }) where !wanted.contains(key) {
                changes.append(
                    .init(
                        .deleteSecret(scope: existing.settings.name, key: secret.key), at: scope.name.position,
                        version: secret.version))
            }
        }
    }

    private mutating func resolve(_ name: Located<PrincipalName>) -> PrincipalDirectory.Reference? {
        do throws(ManifestProblem) {
            return try directory.resolve(name)
        } catch {
            problems.append(error)
            return nil
        }
    }
}
