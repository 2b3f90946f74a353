import ScopeManifests
import SecretScopes

extension ManifestPlan {
    /// How many changes there are, in words.
    var count: String {
        changes.count == 1 ? "1 change" : "\(changes.count) changes"
    }

    /// How many changes take something away.
    var removalCount: Int {
        changes.count { change in
            switch change.action {
            case .revoke, .deleteSecret: true
            default: false
            }
        }
    }

    /// Whether making the changes may take long enough to tell of it.
    var isLong: Bool { changes.count > 1000 }
}

extension ManifestPlan.Change {
    /// The change as a line of text. A link's address and options may hold anything.
    var line: String { TextOutput.printable(description) + "\n" }

    /// The change for other programs.
    var document: JSON { document(with: nil) }

    /// The change for other programs, with one more member.
    func document(with further: (name: String, value: JSON)?) -> JSON {
        var members: [(name: String, value: JSON)]
        switch action {
        case .createPrincipal(let kind, let name):
            members = [("action", .text("create_principal")), ("kind", .text(kind.description)), ("name", .text(name))]
        case .addMember(let member, let group):
            members = [("action", .text("add_member")), ("member", .text(member)), ("group", .text(group))]
        case .createScope(let scope):
            members = [("action", .text("create_scope")), ("scope", .text(scope))]
        case .linkScope(let link, let previous):
            members = [
                ("action", .text("link_scope")), ("scope", .text(link.scope)), ("address", .text(link.address)),
                ("options", .options(link.options)), ("credential", .optional(link.credential)),
                ("previous", .optional(previous?.address)),
            ]
            if let previous {
                members.append(("previous_options", .options(previous.options)))
                members.append(("previous_credential", .optional(previous.credential)))
            }
        case .setRedaction(let scope, let level, let previous):
            members = [
                ("action", .text("set_redaction")), ("scope", .text(scope)), ("redaction", .text(level.description)),
                ("previous", .text(previous.description)),
            ]
        case .grant(let scope, let principal, let permission, let previous):
            members = [
                ("action", .text("put_acl")), ("scope", .text(scope)), ("principal", .text(principal)),
                ("permission", .text(permission.description)), ("previous", .optional(previous?.description)),
            ]
        case .putSecret(let scope, let key, let source, let replaces):
            members = [
                ("action", .text("put_secret")), ("scope", .text(scope)), ("key", .text(key)),
                ("source", .text(source.description)), ("replaces", .boolean(replaces)),
            ]
        case .revoke(let scope, let principal, let previous):
            members = [
                ("action", .text("delete_acl")), ("scope", .text(scope)), ("principal", .text(principal)),
                ("previous", .text(previous.description)),
            ]
        case .deleteSecret(let scope, let key):
            members = [("action", .text("delete_secret")), ("scope", .text(scope)), ("key", .text(key))]
        }
        members.append(("position", .text(position.description)))
        if let further { members.append(further) }
        return .object(members)
    }
}

extension JSON {
    fileprivate static func options(_ options: [String: String]) -> JSON {
        .object(options.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) })
    }
}
