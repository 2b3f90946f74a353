internal import SecretScopes

/// Compares a manifest with a workspace, one kind of thing after the other.
struct ManifestPlanner {
    typealias CanonicalAddress = (LinkManifest) throws(ManifestProblem) -> String

    private let services: any ManifestServices
    private let values: ValueReader
    private let canonicalAddress: CanonicalAddress
    private var directory = PrincipalDirectory(existing: [])
    private var changes: [ManifestPlan.Change] = []
    private var problems: [ManifestProblem] = []

    init(services: any ManifestServices, values: ValueReader, canonicalAddress: @escaping CanonicalAddress) {
        self.canonicalAddress = canonicalAddress
        self.services = services
        self.values = values
    }

    mutating func plan(_ manifest: Manifest) async throws -> [ManifestPlan.Change] {
        try await planPrincipals(manifest)
        for group in manifest.groups {
            try await planMembers(of: group)
        }
        let existing = manifest.scopes.isEmpty ? [] : try await services.scopeSettings()
        let scopes = Dictionary(
            existing.map { ($0.name.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
        var comparison = SecretComparison(of: manifest, scopes: existing, services: services, reader: values)
        // Native scopes first: one of them may hold the credential of a link.
        for scope in manifest.scopes.filter({ $0.link == nil }) + manifest.scopes.filter({ $0.link != nil }) {
            let present = scopes[scope.name.value.folded]
            let name = present?.name
            if let link = scope.link {
                try await planLink(link, of: scope, existing: name)
            } else if name == nil {
                changes.append(.init(.createScope(scope.name.value.rawValue), at: scope.name.position))
            }
            planRedaction(of: scope, existing: present)
            try await planGrants(of: scope, existing: name)
            try await planSecrets(of: scope, existing: name, with: &comparison)
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
        changes.append(.init(.linkScope(request, previous: present), at: link.address.position))
    }

    private mutating func planRedaction(of scope: ScopeManifest, existing: SecretScope?) {
        let previous = existing?.minimumRedaction ?? .literal
        guard let wanted = scope.redaction, wanted.value != previous else { return }
        let name = existing?.name ?? scope.name.value.rawValue
        changes.append(
            .init(.setRedaction(scope: name, level: wanted.value, previous: previous), at: wanted.position))
    }

    private mutating func planGrants(of scope: ScopeManifest, existing: String?) async throws {
        guard !scope.acl.isEmpty else { return }
        var granted: [PrincipalDirectory.Reference: Permission] = [:]
        if let existing {
            for item in try await services.listACLs(scope: existing) {
                granted[.known(item.principal)] = item.permission
            }
        }
        for grant in scope.acl {
            guard let reference = resolve(grant.principal) else { continue }
            let previous = granted[reference]
            guard previous != grant.permission else { continue }
            changes.append(
                .init(
                    .grant(
                        scope: existing ?? scope.name.value.rawValue,
                        principal: grant.principal.value.rawValue,
                        permission: grant.permission,
                        previous: previous
                    ),
                    at: grant.principal.position,
                    principal: reference
                )
            )
        }
    }

    private mutating func planSecrets(
        of scope: ScopeManifest, existing: String?, with comparison: inout SecretComparison
    ) async throws {
        for secret in scope.secrets {
            let place = SecretPlace(scope: scope.name.value, key: secret.name.value)
            do {
                guard let change = try await comparison.change(of: place) else { continue }
                changes.append(
                    .init(
                        .putSecret(
                            scope: existing ?? scope.name.value.rawValue,
                            key: secret.name.value.rawValue,
                            source: secret.source.value,
                            replaces: change.replaces
                        ),
                        at: secret.name.position,
                        value: change.value
                    )
                )
            } catch let problem as ManifestProblem {
                // A copy has the problem of what it is a copy of.
                if !problems.contains(problem) { problems.append(problem) }
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
