internal import SecretCrypto
internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// A plan in the form of a file: what is done, what was there, where values come from, and which workspace it is for. It
/// holds no value.
///
/// ```json
/// {"hush_plan": 1, "workspace": 4711, "changes": [
///   {"action": "create_scope", "scope": "payments", "file": "/etc/scopes/a.yaml", "line": 2, "column": 3},
///   {"action": "put_secret", "scope": "payments", "key": "api-key", "source": "env:KEY", "version": "0f…", …}
/// ]}
/// ```
public struct SavedPlan: Sendable {
    /// The form's number; another one is not read.
    private static let form: Int64 = 1

    /// The number by which clients know the workspace.
    public let workspace: Int64
    /// The plan, without values.
    public let plan: ManifestPlan

    /// Creates what is saved of `plan`.
    ///
    /// - Parameter folder: Where relative paths of manifests begin; the plan may be carried out somewhere else.
    public init(_ plan: ManifestPlan, workspace: Int64, folder: String) {
        self.plan = ManifestPlan(
            changes: plan.changes.map { change in
                var change = change
                let (file, line, column) = (change.position.file, change.position.line, change.position.column)
                change.value = nil
                if !file.hasPrefix("/") {
                    change.position = SourcePosition(file: folder + "/" + file, line: line, column: column)
                }
                return change
            })
        self.workspace = workspace
    }

    /// The most bytes that a plan may have.
    private static let largestFile = 64 * 1024 * 1024

    /// Reads a file; `nil` when it is no plan but may be a manifest.
    ///
    /// - Throws: ``ManifestError`` when it is a plan that this version does not read.
    public static func load(from path: String) throws(ManifestError) -> SavedPlan? {
        var text: [UInt8] = []
        do throws(FileReadError) {
            try RegularFile.read(path, limit: largestFile) { text.append(contentsOf: $0) }
        } catch {
            // Whoever reads it as a manifest says what is wrong with it.
            return nil
        }
        let value = try? JSONValue(parsing: text.span.bytes)
        guard (try? value?.members(in: text.span.bytes)?["hush_plan"]) != nil else { return nil }
        do throws(NotUnderstood) {
            return try SavedPlan(checking: text)
        } catch {
            throw ManifestError([ManifestProblem("\(path): \(error.reason)")])
        }
    }

    private struct NotUnderstood: Error {
        var reason = "the plan was altered, or saved by another version. Make it anew by hush plan --out."
    }

    private init(checking text: [UInt8]) throws(NotUnderstood) {
        let fields = try Fields(try? JSONValue(parsing: text.span.bytes), text)
        guard try fields.number("hush_plan") == Self.form else { throw NotUnderstood() }
        guard let elements = try? fields.members["changes"]?.elements(in: text.span.bytes) else {
            throw NotUnderstood()
        }
        workspace = try fields.number("workspace")
        var changes: [ManifestPlan.Change] = []
        for element in elements { changes.append(try Self.change(Fields(element, text))) }
        plan = ManifestPlan(changes: changes)
    }

    /// The file's text.
    public var text: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("hush_plan", Self.form)
            json.member("workspace", workspace)
            json.member("changes", plan.changes) { json, change in json.object { Self.write(change, to: &$0) } }
        }
        return json.bytes
    }

    /// The members of an object.
    private struct Fields {
        let members: [String: JSONValue]
        /// All of the file's text.
        let body: [UInt8]

        init(_ value: JSONValue?, _ body: [UInt8]) throws(NotUnderstood) {
            guard let members = try? value?.members(in: body.span.bytes) else { throw NotUnderstood() }
            self.members = members
            self.body = body
        }

        func text(_ name: String) throws(NotUnderstood) -> String {
            guard let text = optional(name) else { throw NotUnderstood() }
            return text
        }

        func optional(_ name: String) -> String? {
            members[name]?.text(in: body.span.bytes)
        }

        func number(_ name: String) throws(NotUnderstood) -> Int64 {
            guard let number = members[name]?.integer(in: body.span.bytes) else { throw NotUnderstood() }
            return number
        }

        func truth(_ name: String) -> Bool {
            members[name]?.kind == .boolean(true)
        }

        func texts(_ name: String) throws(NotUnderstood) -> [String: String] {
            guard let members = try? members[name]?.members(in: body.span.bytes) else { throw NotUnderstood() }
            return members.compactMapValues { $0.text(in: body.span.bytes) }
        }
    }
}

// Each change, written and read.

extension SavedPlan {
    private static func write(_ change: ManifestPlan.Change, to json: inout JSONWriter) {
        func options(_ options: [String: String], to json: inout JSONWriter) {
            for (name, value) in options.sorted(by: { $0.key < $1.key }) { json.member(named: name, value) }
        }
        switch change.action {
        case .createPrincipal(let kind, let name):
            json.member("action", "create_principal")
            json.member("kind", kind.description)
            json.member("name", name)
        case .addMember(let member, let group):
            json.member("action", "add_member")
            json.member("member", member)
            json.member("group", group)
        case .createScope(let scope):
            json.member("action", "create_scope")
            json.member("scope", scope)
        case .linkScope(let link, let previous):
            json.member("action", "link_scope")
            json.member("scope", link.scope)
            json.member("address", link.address)
            json.member("credential", link.credential)
            json.member("options") { options(link.options, to: &$0) }
            if let previous {
                json.member("previous") { json in
                    json.member("kind", previous.kind.name)
                    json.member("address", previous.address)
                    json.member("credential", previous.credential)
                    json.member("options") { options(previous.options, to: &$0) }
                }
            }
        case .setRedaction(let scope, let level, let previous):
            json.member("action", "set_redaction")
            json.member("scope", scope)
            json.member("redaction", level.description)
            json.member("previous", previous.description)
        case .grant(let scope, let principal, let permission, let previous):
            json.member("action", "put_acl")
            json.member("scope", scope)
            json.member("principal", principal)
            json.member("permission", permission.description)
            json.member("previous", previous?.description)
        case .revoke(let scope, let principal, let previous):
            json.member("action", "delete_acl")
            json.member("scope", scope)
            json.member("principal", principal)
            json.member("previous", previous.description)
        case .putSecret(let scope, let key, let source, let replaces):
            json.member("action", "put_secret")
            json.member("scope", scope)
            json.member("key", key)
            json.member("replaces", replaces)
            switch source {
            case .generated(let value):
                json.member("source", "generate:\(value.length)")
                json.member("alphabet", value.alphabet.rawValue)
            default: json.member("source", source.description)
            }
        case .deleteSecret(let scope, let key):
            json.member("action", "delete_secret")
            json.member("scope", scope)
            json.member("key", key)
        }
        switch change.principal {
        case .known(let name)?: json.member("known_principal", name)
        case .newServicePrincipal(let name)?: json.member("new_service_principal", name)
        case nil: break
        }
        json.member("version", change.version?.description)
        if change.isApart { json.member("is_apart", true) }
        if change.hasOwnACL { json.member("has_own_acl", true) }
        json.member("file", change.position.file)
        json.member("line", Int64(change.position.line))
        json.member("column", Int64(change.position.column))
    }

    private static func change(_ fields: Fields) throws(NotUnderstood) -> ManifestPlan.Change {
        var principal: PrincipalDirectory.Reference?
        if let name = fields.optional("known_principal") { principal = .known(name) }
        if let name = fields.optional("new_service_principal") { principal = .newServicePrincipal(name) }
        var version: VersionID?
        if let text = fields.optional("version") {
            guard let id = VersionID(text) else { throw NotUnderstood() }
            version = id
        }
        let action = try action(fields)
        if case .deleteSecret = action, version == nil { throw NotUnderstood() }
        let isApart = fields.truth("is_apart")
        switch action {
        case .linkScope where !isApart: throw NotUnderstood()
        case .createPrincipal, .addMember, .createScope, .revoke, .deleteSecret:
            if isApart { throw NotUnderstood() }
        default: break
        }
        return ManifestPlan.Change(
            action,
            at: SourcePosition(
                file: try fields.text("file"), line: Int(try fields.number("line")),
                column: Int(try fields.number("column"))),
            principal: principal,
            version: version,
            isApart: isApart,
            hasOwnACL: fields.truth("has_own_acl")
        )
    }

    private static func action(
        _ fields: Fields
    ) throws(NotUnderstood) -> ManifestPlan.Change.Action {
        switch try fields.text("action") {
        case "create_principal":
            let kind = try fields.text("kind")
            guard let kind = PrincipalKind.allCases.first(where: { $0.description == kind }) else {
                throw NotUnderstood()
            }
            return .createPrincipal(kind: kind, name: try fields.text("name"))
        case "add_member":
            return .addMember(member: try fields.text("member"), group: try fields.text("group"))
        case "create_scope":
            return .createScope(try fields.text("scope"))
        case "link_scope":
            return try link(fields)
        case "set_redaction":
            guard
                let level = MinimumRedaction(named: try fields.text("redaction")),
                let previous = MinimumRedaction(named: try fields.text("previous"))
            else { throw NotUnderstood() }
            return .setRedaction(scope: try fields.text("scope"), level: level, previous: previous)
        case "put_acl":
            return .grant(
                scope: try fields.text("scope"), principal: try fields.text("principal"),
                permission: try permission(fields.text("permission")),
                previous: try fields.optional("previous").map(permission))
        case "delete_acl":
            return .revoke(
                scope: try fields.text("scope"), principal: try fields.text("principal"),
                previous: try permission(fields.text("previous")))
        case "put_secret":
            guard var source = ValueSource(try fields.text("source")) else { throw NotUnderstood() }
            if case .generated(var value) = source {
                guard let alphabet = GeneratedValue.Alphabet(rawValue: try fields.text("alphabet")) else {
                    throw NotUnderstood()
                }
                value.alphabet = alphabet
                source = .generated(value)
            }
            return .putSecret(
                scope: try fields.text("scope"), key: try fields.text("key"), source: source,
                replaces: fields.truth("replaces"))
        case "delete_secret":
            return .deleteSecret(scope: try fields.text("scope"), key: try fields.text("key"))
        default:
            throw NotUnderstood()
        }
    }

    private static func permission(_ text: String) throws(NotUnderstood) -> Permission {
        guard let permission = Permission(named: text) else { throw NotUnderstood() }
        return permission
    }

    private static func link(_ fields: Fields) throws(NotUnderstood) -> ManifestPlan.Change.Action {
        var previous: ScopeLinkDescription?
        if let value = fields.members["previous"] {
            let before = try Fields(value, fields.body)
            guard let kind = VaultKind(named: try before.text("kind")) else { throw NotUnderstood() }
            previous = ScopeLinkDescription(
                kind: kind, address: try before.text("address"), options: try before.texts("options"),
                credential: before.optional("credential"), owner: nil, isWritable: false)
        }
        return .linkScope(
            LinkScopeRequest(
                scope: try fields.text("scope"), address: try fields.text("address"),
                options: try fields.texts("options"), credential: fields.optional("credential")),
            previous: previous)
    }
}
