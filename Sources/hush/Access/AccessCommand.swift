import ArgumentParser
import SecretScopes

/// `hush access`.
struct AccessCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "access",
        abstract: "Show who may do what with a scope, and through which grants.",
        discussion: """
            With a principal: its strongest permission, and every grant that reaches it, with the groups on the way. \
            Without one: everybody who may read, groups resolved, with the strongest permission and where it comes from. \
            Administrators may do everything. It needs the permission MANAGE.

            EXAMPLE:
              hush access payments ana@example.com
              hush access payments
            """
    )

    @Argument(help: "The name of the scope.")
    var scope: String

    @Argument(help: "A user or group by name, or a service principal by application id.")
    var principal: String?

    @OptionGroup var format: OutputOptions
    @OptionGroup var acting: PrincipalOptions
    @OptionGroup var workspace: WorkspaceOptions
    @OptionGroup var server: ServerOptions

    func run(in program: Program) async throws {
        let service = try await WorkspaceAccess(program, workspace, server).scopes(as: acting.principal)
        if let principal {
            let access = try await service.access(of: principal, to: scope)
            try print(AccessText.paragraph(access), or: .access(access), in: program)
        } else {
            let list = try await service.access(to: scope)
            try print(AccessText.table(list), or: .array(list.map { .access($0) }), in: program)
        }
    }

    private func print(_ text: String, or document: JSON, in program: Program) throws {
        switch format.output {
        case .text: try program.output.write(text)
        case .json: try program.output.write(document.indented)
        }
    }
}

/// Access in words.
enum AccessText {
    /// One principal's permission, and a line for everything that gives it one.
    static func paragraph(_ access: ScopeAccess) -> String {
        let permission = access.permission?.description ?? "no permission"
        var text = name(of: access.principal)
        switch (access.principal.kind, access.principal.isActive) {
        case (.group, _): text += " gives its members \(permission) on \(access.scope)"
        case (_, true): text += " has \(permission) on \(access.scope)"
        case (_, false):
            text += " is not active and has no permission on \(access.scope)"
            if !access.reasons.isEmpty { text += ". Active, it would have" }
        }
        text += access.reasons.isEmpty ? ".\n" : ":\n"
        let width = access.reasons.map(\.permission.description.count).max() ?? 0
        for reason in access.reasons {
            let word = reason.permission.description
            text += word + String(repeating: " ", count: width - word.count + 2) + Self.words(reason) + "\n"
        }
        return text
    }

    /// Everybody with the strongest permission, and everything that gives exactly that.
    static func table(_ list: [ScopeAccess]) -> String {
        var table = Table(["Principal", "Permission", "How"])
        for access in list {
            table.append([
                name(of: access.principal),
                access.permission?.description ?? "",
                access.reasons.filter { $0.permission == access.permission }.map(words).joined(separator: "; "),
            ])
        }
        return table.takeText()
    }

    private static func words(_ reason: ScopeAccess.Reason) -> String {
        let path = reason.path.joined(separator: " → ")
        switch (reason.isAdministration, reason.path.isEmpty) {
        case (false, true): return "directly"
        case (false, false): return "through \(path)"
        case (true, true): return "as administrator"
        case (true, false): return "as administrator through \(path)"
        }
    }

    /// A service principal's display name tells people more than its application id.
    private static func name(of principal: Principal) -> String {
        principal.kind == .servicePrincipal ? "\(principal.name) (\(principal.displayName))" : principal.name
    }
}

extension JSON {
    /// What one principal may do with a scope, and why.
    fileprivate static func access(_ access: ScopeAccess) -> JSON {
        .object([
            ("scope", .text(access.scope)),
            ("principal", .principal(access.principal)),
            ("permission", .optional(access.permission?.description)),
            (
                "reasons",
                .array(
                    access.reasons.map { reason in
                        .object([
                            ("permission", .text(reason.permission.description)),
                            ("path", .array(reason.path.map { .text($0) })),
                            ("administration", .boolean(reason.isAdministration)),
                        ])
                    })
            ),
        ])
    }
}
