import ArgumentParser
import SecretScopes

/// `hush scopes link`.
struct LinkScopeCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Link a scope to an external vault: its values are read there.",
        discussion: """
            The scope is created if there is none. Rights and the audit record are the scope's own. The credential is given \
            as a reference, and read as you for every use; without one the machine's own identity is used. Documentation/Vaults \
            tells the addresses and options of each kind of vault. It needs an administrator.

            EXAMPLE:
              hush scopes link app vault://vault.example.com:8200/secret/app --credential '{{secrets/ops/vault-token}}'
              hush scopes link mounted file:///run/secrets --option trim=final-newline
            """
    )

    @Argument(help: ArgumentHelp("The name of the scope.", valueName: "scope"))
    var scope: String

    @Argument(help: ArgumentHelp("The vault's address.", valueName: "url"))
    var address: String

    @Option(
        name: .customLong("option"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("An option of the link; can be repeated.", valueName: "name=value"))
    var given: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Where the credential is read: {{secrets/SCOPE/KEY}}, env:NAME or file:PATH.", valueName: "reference"))
    var credential: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Who may manage a new scope instead of its creator: users, or nobody else.", valueName: "group"))
    var initialManagePrincipal: String?

    @OptionGroup var options: SecretsOptions

    func run(in program: Program) async throws {
        let values = try LinkOptionArguments.values(of: given)
        try await WorkspaceAccess(program, options.workspace, options.server).links(as: options.acting.principal)
            .linkScope(
                LinkScopeRequest(
                    scope: scope, address: address, options: values, credential: credential,
                    initialManagePrincipal: initialManagePrincipal))
    }
}

/// The options of a link, as they stand on the command line.
enum LinkOptionArguments {
    /// The options by name.
    ///
    /// - Throws: ``UsageFailure`` when one is no `NAME=VALUE`, or given twice.
    static func values(of given: [String]) throws -> [String: String] {
        var values: [String: String] = [:]
        for option in given {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw UsageFailure("--option wants NAME=VALUE, such as writable=true")
            }
            guard values.updateValue(parts[1], forKey: parts[0]) == nil else {
                throw UsageFailure("--option \(parts[0]) is given twice. Leave out one.")
            }
        }
        return values
    }
}

/// `hush scopes unlink`.
struct UnlinkScopeCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlink",
        abstract: "Make a linked scope a native one without secrets.",
        discussion: """
            The vault stays as it is, and so do the scope's permissions. It needs the permission MANAGE.

            EXAMPLE:
              hush scopes unlink app
            """
    )

    @Argument(help: ArgumentHelp("The name of the scope.", valueName: "scope"))
    var scope: String

    @OptionGroup var options: SecretsOptions

    func run(in program: Program) async throws {
        try await WorkspaceAccess(program, options.workspace, options.server).links(as: options.acting.principal)
            .unlinkScope(scope)
    }
}

/// `hush scopes show`.
struct ShowScopeCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what a scope is linked to.",
        discussion: """
            It needs the permission READ.

            EXAMPLE:
              hush scopes show app
            """
    )

    @Argument(help: ArgumentHelp("The name of the scope.", valueName: "scope"))
    var scope: String

    @OptionGroup var options: SecretsOptions

    func run(in program: Program) async throws {
        let link = try await WorkspaceAccess(program, options.workspace, options.server)
            .links(as: options.acting.principal).scopeLink(of: scope)
        switch options.format.output {
        case .text: try program.output.write(Self.text(of: link))
        case .json: try program.output.write(Self.document(scope, link).indented)
        }
    }

    private static func text(of link: ScopeLinkDescription?) -> String {
        var table = Table(["Setting", "Value"])
        guard let link else {
            table.append(["Values", "native, in the workspace"])
            return table.takeText()
        }
        table.append(["Values", "linked, in a \(link.kind.title)"])
        table.append(["Address", link.address])
        for (name, value) in link.options.sorted(by: { $0.key < $1.key }) {
            table.append(["Option \(name)", TextOutput.printable(value)])
        }
        table.append(["Credential", link.credential ?? "none of its own"])
        table.append(["Owner", link.owner ?? "gone: the link stopped"])
        table.append(["Writable", link.isWritable ? "yes" : "no"])
        return table.takeText()
    }

    private static func document(_ scope: String, _ link: ScopeLinkDescription?) -> JSON {
        guard let link else { return .object([("name", .text(scope)), ("linked", .boolean(false))]) }
        let options = link.options.sorted { $0.key < $1.key }.map { ($0.key, JSON.text($0.value)) }
        return .object([
            ("address", .text(link.address)), ("credential", .optional(link.credential)),
            ("kind", .text(link.kind.name)), ("linked", .boolean(true)), ("name", .text(scope)),
            ("options", .object(options)), ("owner", .optional(link.owner)),
            ("writable", .boolean(link.isWritable)),
        ])
    }
}

/// `hush scopes check`.
struct CheckScopeCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Try a scope's link step by step, without showing a value.",
        discussion: """
            It reads the credential, lists the names and reads one of them, and says what works and what to mend; the exit \
            status is 1 when something does not. It needs the permission MANAGE.

            EXAMPLE:
              hush scopes check app
            """
    )

    @Argument(help: ArgumentHelp("The name of the scope.", valueName: "scope"))
    var scope: String

    @OptionGroup var options: SecretsOptions

    func run(in program: Program) async throws {
        let steps = try await WorkspaceAccess(program, options.workspace, options.server)
            .links(as: options.acting.principal).checkLink(of: scope)
        switch options.format.output {
        case .text:
            var table = Table(["Step", "Result", "Detail"])
            for step in steps { table.append([step.name, step.succeeded ? "ok" : "failed", step.detail]) }
            try program.output.write(table.takeText())
        case .json:
            let elements = steps.map { step in
                JSON.object([
                    ("detail", .text(step.detail)), ("name", .text(step.name)), ("succeeded", .boolean(step.succeeded)),
                ])
            }
            try program.output.write(JSON.array(elements).indented)
        }
        guard steps.allSatisfy(\.succeeded) else { throw CommandFailure("The link of scope \(scope) does not work.") }
    }
}
