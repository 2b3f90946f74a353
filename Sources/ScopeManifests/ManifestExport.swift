internal import SecretScopes

/// What exists in a workspace, as a manifest for which a plan finds nothing to do.
///
/// It holds scopes with their redaction, links and ACLs, and principals: all of them, or, when scopes are named, those
/// that these scopes and the groups among them refer to. Of secrets it holds the names, as comments: a value that is in
/// a workspace comes from nowhere else. No value is read.
public struct ManifestExport: Sendable {
    private var users: [Principal] = []
    private var servicePrincipals: [Principal] = []
    private var groups: [(group: Principal, members: [Principal])] = []
    private var scopes: [Scope] = []
    private var names: [String: String] = [:]

    private struct Scope {
        var settings: SecretScope
        var link: ScopeLinkDescription?
        var acl: [ACLItem]
        var keys: [String]
    }

    /// Asks a workspace what exists.
    ///
    /// - Parameter wanted: The names of scopes; all when there are none.
    /// - Throws: `ScopeError` when a scope does not exist, or the workspace refuses or fails to tell its state: the ACL
    ///   of each scope needs MANAGE, and principals need an administrator.
    public init(of wanted: [String], from services: any ManifestServices) async throws {
        let existing = try await services.scopeSettings()
        let found = try Self.find(wanted, among: existing)
        // The names of a linked scope are the vault's.
        let requests = found.map {
            ScopeContentsRequest(scope: $0.name, listsACL: true, listsSecrets: $0.link == nil)
        }
        for (scope, contents) in zip(found, try await services.contents(of: requests)) {
            let link = scope.link == nil ? nil : try await services.scopeLink(of: scope.name)
            scopes.append(
                Scope(
                    settings: scope, link: link, acl: contents.acl ?? [], keys: (contents.secrets ?? []).map(\.key)))
        }
        var principals: [Principal] = []
        for kind in PrincipalKind.allCases { principals += try await services.listPrincipals(kind: kind) }
        names = Self.names(of: principals)
        let mentioned = wanted.isEmpty ? nil : Set(scopes.flatMap { $0.acl.map { $0.principal.lowercased() } })
        try await collect(principals, mentioned: mentioned, from: services)
    }

    private static func find(_ wanted: [String], among scopes: [SecretScope]) throws -> [SecretScope] {
        guard !wanted.isEmpty else { return scopes }
        let names = Set(wanted.map { $0.lowercased() })
        let found = scopes.filter { names.contains($0.name.lowercased()) }
        for name in wanted where !found.contains(where: { $0.name.lowercased() == name.lowercased() }) {
            let hint = NearestName.hint(among: scopes.map(\.name), to: name)
            throw ScopeError(.resourceDoesNotExist, "There is no scope \"\(name)\".\(hint)")
        }
        return found
    }

    /// Keeps those principals that are mentioned, and the members of groups that are kept; all when `mentioned` is
    /// `nil`.
    private mutating func collect(
        _ principals: [Principal], mentioned: Set<String>?, from services: any ManifestServices
    ) async throws {
        var kept = mentioned ?? Set(principals.map { $0.name.lowercased() })
        var members: [String: [Principal]] = [:]
        var waiting = principals.filter { $0.kind == .group && kept.contains($0.name.lowercased()) }
        while let group = waiting.popLast() {
            // Everybody is a member of `users`.
            guard group.name != PrincipalName.users.rawValue, members[group.name] == nil else { continue }
            let found = try await services.groupMembers(group.name)
            members[group.name] = found
            kept.formUnion(found.map { $0.name.lowercased() })
            waiting += found.filter { $0.kind == .group }
        }
        for principal in principals where kept.contains(principal.name.lowercased()) {
            switch principal.kind {
            case .user: users.append(principal)
            case .servicePrincipal: servicePrincipals.append(principal)
            case .group: if let found = members[principal.name] { groups.append((principal, found)) }
            }
        }
    }

    /// What each principal is called in a manifest, by its name in ACLs: service principals by their display names, which
    /// make sense in other workspaces too, unless those name somebody else as well.
    private static func names(of principals: [Principal]) -> [String: String] {
        var counts: [String: Int] = [:]
        for principal in principals {
            counts[principal.name.lowercased(), default: 0] += 1
            if principal.kind == .servicePrincipal { counts[principal.displayName.lowercased(), default: 0] += 1 }
        }
        var names: [String: String] = [:]
        for principal in principals {
            let isUnique = counts[principal.displayName.lowercased()] == 1
            let usesDisplayName =
                principal.kind == .servicePrincipal && isUnique && PrincipalName(rawValue: principal.displayName) != nil
            names[principal.name.lowercased()] = usesDisplayName ? principal.displayName : principal.name
        }
        return names
    }

    private func name(_ principal: String) -> String {
        names[principal.lowercased()] ?? principal
    }

    /// In the order of the names that stand in the manifest: application ids are others in each workspace.
    private func sorted<Element>(_ elements: [Element], by principal: (Element) -> String) -> [Element] {
        let keyed = elements.map { (key: name(principal($0)), element: $0) }
        return keyed.sorted { ($0.key.lowercased(), $0.key) < ($1.key.lowercased(), $1.key) }.map(\.element)
    }
}

extension ManifestExport {
    /// The manifest.
    public var text: String {
        var text = ManifestText()
        writePrincipals(to: &text)
        if !scopes.isEmpty {
            text.line("scopes:", depth: 0)
            for scope in scopes { write(scope, to: &text) }
        }
        return text.text
    }

    private func writePrincipals(to text: inout ManifestText) {
        if !users.isEmpty {
            text.line("users:", depth: 0)
            for user in users { text.element(user.name, note: user.isActive ? nil : "inactive") }
        }
        // One that has to be called by its application id cannot be made anew under it.
        let servicePrincipals = sorted(servicePrincipals, by: \.name)
        let named = servicePrincipals.filter { name($0.name) != $0.name }
        let unnamed = servicePrincipals.filter { name($0.name) == $0.name }
        if !servicePrincipals.isEmpty {
            text.line(named.isEmpty ? "service_principals: []" : "service_principals:", depth: 0)
            for principal in named {
                text.element(principal.displayName, note: principal.isActive ? nil : "inactive")
            }
            for principal in unnamed {
                text.line("# \(principal.name) is called \(ManifestText.quoted(principal.displayName))", depth: 1)
            }
        }
        if !groups.isEmpty {
            text.line("groups:", depth: 0)
            for (group, members) in groups {
                guard !members.isEmpty else {
                    text.line("\(ManifestText.word(group.name)): {}", depth: 1)
                    continue
                }
                text.line("\(ManifestText.word(group.name)):", depth: 1)
                text.line("members:", depth: 2)
                for member in sorted(members, by: \.name) { text.element(name(member.name), depth: 3) }
            }
        }
    }

    private func write(_ scope: Scope, to text: inout ManifestText) {
        text.line("\(ManifestText.word(scope.settings.name)):", depth: 1)
        if scope.settings.minimumRedaction != .literal {
            text.line("redaction: \(scope.settings.minimumRedaction)", depth: 2)
        }
        if let link = scope.link {
            text.line("link:", depth: 2)
            text.member("address", link.address, depth: 3)
            if let credential = link.credential { text.member("credential", credential, depth: 3) }
            if !link.options.isEmpty { text.line("options:", depth: 3) }
            for (name, value) in link.options.sorted(by: { $0.key < $1.key }) {
                text.member(name, value, depth: 4)
            }
        }
        // Without the field whoever applies it would be granted the scope.
        text.line(scope.acl.isEmpty ? "acl: {}" : "acl:", depth: 2)
        for item in sorted(scope.acl, by: \.principal) {
            text.member(name(item.principal), item.permission.description, depth: 3)
        }
        guard !scope.keys.isEmpty else { return }
        text.line("# The values of these are in the workspace alone.", depth: 2)
        text.line("# secrets:", depth: 2)
        for key in scope.keys { text.line("#   \(ManifestText.word(key)):", depth: 2) }
    }
}
