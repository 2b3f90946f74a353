internal import SecretScopes
internal import Yams

/// Turns the text of one file into a manifest.
struct ManifestParser {
    private var reader: FieldReader

    private init(file: String) {
        self.reader = FieldReader(file: file)
    }

    /// Reads all documents of `text`. What is wrong is returned beside what is right, so that problems of several
    /// files can be shown together.
    static func parse(_ text: String, file: String) -> (manifest: Manifest, problems: [ManifestProblem]) {
        var parser = ManifestParser(file: file)
        var manifest = Manifest()
        do throws(ManifestProblem) {
            try YAMLText(text, file: file).forEachDocument { parser.read($0, into: &manifest) }
        } catch {
            parser.reader.note(error)
        }
        return (manifest, parser.reader.problems)
    }

    private mutating func read(_ root: Node, into manifest: inout Manifest) {
        let known = ["groups", "scopes", "service_principals", "users"]
        for field in reader.fields(of: root, in: "a manifest", known: known) {
            switch field.name.value {
            case "users":
                manifest.users += principals(in: field.value, what: "\"users\"")
            case "service_principals":
                manifest.servicePrincipals += principals(in: field.value, what: "\"service_principals\"")
            case "groups":
                manifest.groups += groups(in: field.value)
            default:
                manifest.scopes += scopes(in: field.value)
            }
        }
    }

    private mutating func groups(in node: Node) -> [GroupManifest] {
        var groups: [GroupManifest] = []
        for field in reader.fields(of: node, in: "\"groups\"") {
            guard let name = reader.name(field.name, as: PrincipalName.self, rule: Self.principalRule) else { continue }
            var group = GroupManifest(name: name, members: [])
            for member in reader.fields(of: field.value, in: "the group \"\(name.value)\"", known: ["members"]) {
                group.members = principals(in: member.value, what: "\"members\"")
            }
            if name.value == .users, let member = group.members.first {
                reader.note("\"users\" holds everybody. Remove its members.", at: member.position)
            }
            groups.append(group)
        }
        return groups
    }

    private mutating func scopes(in node: Node) -> [ScopeManifest] {
        var scopes: [ScopeManifest] = []
        for field in reader.fields(of: node, in: "\"scopes\"") {
            guard let name = reader.name(field.name, as: ScopeName.self, rule: Self.nameRule("scope")) else { continue }
            var scope = ScopeManifest(name: name, acl: [], secrets: [])
            let known = ["acl", "link", "redaction", "secrets"]
            for part in reader.fields(of: field.value, in: "the scope \"\(name.value)\"", known: known) {
                switch part.name.value {
                case "acl":
                    scope.acl = grants(in: part.value)
                    scope.describesACL = true
                case "link": scope.link = link(in: part.value, of: name)
                case "redaction": scope.redaction = redaction(in: part.value)
                default:
                    scope.secrets = secrets(in: part.value)
                    scope.describesSecrets = true
                }
            }
            scopes.append(scope)
        }
        return scopes
    }

    private mutating func link(in node: Node, of scope: Located<ScopeName>) -> LinkManifest? {
        let what = "the link of \"\(scope.value)\""
        var address: Located<String>?
        var credential: String?
        var options: [String: String] = [:]
        for field in reader.fields(of: node, in: what, known: ["address", "credential", "options"]) {
            switch field.name.value {
            case "address": address = reader.text(of: field.value, in: "the address of \(what)")
            case "credential":
                guard let text = reader.text(of: field.value, in: "the credential of \(what)") else { continue }
                guard let reference = LinkCredential(text.value) else {
                    // What stands there may be the credential itself, so it is not repeated.
                    reader.note(
                        """
                        the credential of \(what) must be {{secrets/SCOPE/KEY}} in quotes, env:NAME or file:PATH. Keep the \
                        credential itself out of the manifest.
                        """,
                        at: text.position)
                    continue
                }
                credential = reference.description
            default:
                for option in reader.fields(of: field.value, in: "the options of \(what)") {
                    let text = reader.word(of: option.value, in: "the option \"\(option.name.value)\" of \(what)")
                    if let text { options[option.name.value] = text }
                }
            }
        }
        guard let address else {
            if node.mapping != nil || reader.isNothing(node) {
                reader.note("\(what) needs an address.", at: scope.position)
            }
            return nil
        }
        return LinkManifest(address: address, credential: credential, options: options)
    }

    private mutating func redaction(in node: Node) -> Located<MinimumRedaction>? {
        guard let text = reader.text(of: node, in: "\"redaction\"") else { return nil }
        guard let level = MinimumRedaction(named: text.value) else {
            let names = MinimumRedaction.allCases.map(\.description)
            let hint = NearestName.hint(among: names, to: text.value)
            reader.note(
                "\"\(text.value)\" is not a level of redaction: use literal, encoded or strict.\(hint)",
                at: text.position)
            return nil
        }
        return Located(level, at: text.position)
    }

    private mutating func grants(in node: Node) -> [GrantManifest] {
        var grants: [GrantManifest] = []
        for field in reader.fields(of: node, in: "\"acl\"") {
            let principal = reader.name(field.name, as: PrincipalName.self, rule: Self.principalRule)
            guard let text = reader.text(of: field.value, in: "the permission of \"\(field.name.value)\"") else {
                continue
            }
            guard let permission = Permission(named: text.value) else {
                let hint = NearestName.hint(among: Permission.allCases.map(\.description), to: text.value)
                reader.note(
                    "\"\(text.value)\" is not a permission: use READ, WRITE or MANAGE.\(hint)", at: text.position)
                continue
            }
            if let principal { grants.append(GrantManifest(principal: principal, permission: permission)) }
        }
        return grants
    }

    private mutating func secrets(in node: Node) -> [SecretManifest] {
        var secrets: [SecretManifest] = []
        for field in reader.fields(of: node, in: "\"secrets\"") {
            let name = reader.name(field.name, as: SecretName.self, rule: Self.nameRule("secret"))
            guard let source = source(in: field.value, of: field.name.value) else { continue }
            if let name { secrets.append(SecretManifest(name: name, source: source)) }
        }
        return secrets
    }

    private mutating func source(in node: Node, of key: String) -> Located<ValueSource>? {
        if node.mapping != nil { return generated(in: node, of: key) }
        guard let text = reader.text(of: node, in: "the source of \"\(key)\"") else { return nil }
        guard let source = ValueSource(text.value) else {
            // What stands there may be the value itself, so it is not repeated.
            let kind = String(text.value.prefix { $0 != ":" })
            let hint = ValueSource.kinds.contains(kind) ? "" : NearestName.hint(among: ValueSource.kinds, to: kind)
            reader.note(
                """
                the source of "\(key)" must be env:NAME, file:PATH, scope:SCOPE/KEY, prompt or generate:LENGTH with 8 to \
                4096 characters. Keep the value itself out of the manifest.\(hint)
                """,
                at: text.position)
            return nil
        }
        return Located(source, at: text.position)
    }

    /// `{generate: LENGTH}` or `{generate: {length: LENGTH, alphabet: NAME}}`.
    private mutating func generated(in node: Node, of key: String) -> Located<ValueSource>? {
        let what = "the source of \"\(key)\""
        var value: GeneratedValue? = GeneratedValue()
        var isAsked = false
        for field in reader.fields(of: node, in: what, known: ["generate"]) {
            isAsked = true
            guard field.value.mapping != nil else {
                value = length(in: field.value, of: what)
                continue
            }
            for part in reader.fields(of: field.value, in: "\"generate\"", known: ["alphabet", "length"]) {
                if part.name.value == "alphabet" {
                    let alphabet = alphabet(in: part.value, of: what)
                    if let alphabet { value?.alphabet = alphabet } else { value = nil }
                } else if let length = length(in: part.value, of: what)?.length {
                    value?.length = length
                } else {
                    value = nil
                }
            }
        }
        guard isAsked else {
            if node.mapping?.isEmpty == true {
                reader.note("\(what) is empty. Write {generate: LENGTH}.", at: reader.position(of: node))
            }
            return nil
        }
        guard let value else { return nil }
        return Located(.generated(value), at: reader.position(of: node))
    }

    private mutating func length(in node: Node, of what: String) -> GeneratedValue? {
        guard let word = reader.word(of: node, in: "the length in \(what)") else { return nil }
        guard let value = GeneratedValue(length: word) else {
            let lengths = GeneratedValue.lengths
            reader.note(
                "the length in \(what) must be a number from \(lengths.lowerBound) to \(lengths.upperBound).",
                at: reader.position(of: node))
            return nil
        }
        return value
    }

    private mutating func alphabet(in node: Node, of what: String) -> GeneratedValue.Alphabet? {
        guard let text = reader.text(of: node, in: "the alphabet in \(what)") else { return nil }
        guard let alphabet = GeneratedValue.Alphabet(rawValue: text.value) else {
            let names = GeneratedValue.Alphabet.allCases.map(\.rawValue)
            let hint = NearestName.hint(among: names, to: text.value)
            reader.note(
                "the alphabet in \(what) must be one of \(names.joined(separator: ", ")).\(hint)", at: text.position)
            return nil
        }
        return alphabet
    }

    private mutating func principals(in node: Node, what: String) -> [Located<PrincipalName>] {
        reader.elements(of: node, in: what).compactMap { element in
            guard let text = reader.text(of: element, in: "a name in \(what)") else { return nil }
            return reader.name(text, as: PrincipalName.self, rule: Self.principalRule)
        }
    }

    private static func nameRule(_ what: String) -> String {
        "a \(what)'s name: use 1 to 128 letters, digits and _ . @ / -"
    }

    private static let principalRule =
        "a principal's name: use 1 to 255 printable ASCII characters without quotes and backslashes"
}
