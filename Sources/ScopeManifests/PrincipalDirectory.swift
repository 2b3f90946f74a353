internal import SecretScopes

/// Finds the principals that manifests name, among those that exist and those that the manifests themselves create.
struct PrincipalDirectory {
    /// What a name stands for.
    enum Reference: Hashable {
        /// The name that ACLs and groups know the principal by, in the case it was made with.
        case known(String)
        /// A service principal that is yet to be created, by its display name in lower case.
        case newServicePrincipal(String)
    }

    private var byName: [String: Principal] = [:]
    private var byDisplayName: [String: [Principal]] = [:]
    private var created: [String: Reference] = [:]

    init(existing: [Principal]) {
        for principal in existing {
            byName[principal.name.lowercased()] = principal
            guard principal.kind == .servicePrincipal else { continue }
            byDisplayName[principal.displayName.lowercased(), default: []].append(principal)
        }
    }

    /// The principal of that name, when it exists.
    func existing(_ name: PrincipalName) -> Principal? {
        byName[name.folded]
    }

    /// The service principals of that display name.
    func servicePrincipals(displayName: PrincipalName) -> [Principal] {
        byDisplayName[displayName.folded] ?? []
    }

    /// Notes that a principal is going to be created.
    mutating func add(kind: PrincipalKind, name: PrincipalName) {
        created[name.folded] =
            kind == .servicePrincipal ? .newServicePrincipal(name.folded) : .known(name.rawValue)
    }

    /// What `name` stands for. A name of an ACL goes before a display name.
    func resolve(_ name: Located<PrincipalName>) throws(ManifestProblem) -> Reference {
        let folded = name.value.folded
        if let principal = byName[folded] { return .known(principal.name) }
        if case .known(let text)? = created[folded] { return .known(text) }
        let named = byDisplayName[folded] ?? []
        if named.count > 1 {
            throw ManifestProblem(
                "\(named.count) service principals are called \"\(name.value)\". Use the application id.",
                at: name.position
            )
        }
        if let principal = named.first { return .known(principal.name) }
        if let reference = created[folded] { return reference }
        let hint = NearestName.hint(among: names, to: name.value.rawValue)
        throw ManifestProblem(
            """
            there is no principal \"\(name.value)\".\
            \(hint.isEmpty ? " Add it to \"users\", \"groups\" or \"service_principals\"." : hint)
            """,
            at: name.position
        )
    }

    /// Every name that could be meant, in a stable order.
    private var names: [String] {
        let existing = byName.values.flatMap { [$0.name, $0.displayName] }
        return Set(existing).union(created.keys).sorted()
    }
}
