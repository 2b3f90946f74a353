internal import SecretScopes

extension ManifestPlan.Change: CustomStringConvertible {
    /// The step in a line: `+` for what is new, `~` for what is changed, with what it was before, and `-` for what is taken
    /// away; never a value.
    public var description: String {
        switch action {
        case .createPrincipal(let kind, let name): "+ \(kind) \(name)"
        case .addMember(let member, let group): "+ member \(member) of \(group)"
        case .createScope(let scope): "+ scope \(scope)"
        case .linkScope(let link, nil): "+ scope \(link.scope) linked to \(link.address)"
        case .linkScope(let link, let previous?): Self.description(of: link, previous)
        case .setRedaction(let scope, let level, let previous):
            "~ redaction of \(scope) at least \(level), was \(previous)"
        case .grant(let scope, let principal, let permission, nil): "+ \(permission) on \(scope) for \(principal)"
        case .grant(let scope, let principal, let permission, let previous?):
            "~ \(permission) on \(scope) for \(principal), was \(previous)"
        case .putSecret(let scope, let key, let source, false): "+ secret \(scope)/\(key) from \(source)"
        case .putSecret(let scope, let key, let source, true): "~ secret \(scope)/\(key) from \(source)"
        case .revoke(let scope, let principal, let previous): "- \(previous) on \(scope) for \(principal)"
        case .deleteSecret(let scope, let key): "- secret \(scope)/\(key)"
        }
    }

    /// What changes in a link: the address, the credential's reference, and each option that differs.
    private static func description(of link: LinkScopeRequest, _ previous: ScopeLinkDescription) -> String {
        var parts: [String] = []
        if link.address != previous.address {
            parts.append("linked to \(link.address), was \(previous.address)")
        }
        if link.credential != previous.credential {
            parts.append("credential \(link.credential ?? "none"), was \(previous.credential ?? "none")")
        }
        for name in Set(link.options.keys).union(previous.options.keys).sorted()
        where link.options[name] != previous.options[name] {
            parts.append("option \(name) \(link.options[name] ?? "none"), was \(previous.options[name] ?? "none")")
        }
        return "~ scope \(link.scope) " + parts.joined(separator: "; ")
    }
}
