import ArgumentParser
import SecretScopes

/// `hush scopes`: what scopes have here and Databricks' do not.
struct ScopesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scopes",
        abstract: "See and change the settings of scopes, and link them to external vaults.",
        discussion: """
            Scopes are made, listed and deleted by hush secrets, in Databricks' words; what is here Databricks does not \
            have.

            EXAMPLE:
              hush scopes set-redaction payments strict
            """,
        subcommands: [
            ListScopeSettingsCommand.self, SetRedactionCommand.self, LinkScopeCommand.self, UnlinkScopeCommand.self,
            ShowScopeCommand.self, CheckScopeCommand.self,
        ]
    )
}

/// `hush scopes list`.
struct ListScopeSettingsCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the settings of all scopes.",
        discussion: """
            EXAMPLE:
              hush scopes list
            """
    )

    @OptionGroup var options: SecretsOptions

    func run(in program: Program) async throws {
        let scopes = try await WorkspaceAccess(program, options.workspace, options.server).scopeSettings(
            as: options.acting.principal)
        switch options.format.output {
        case .text:
            var table = Table(["Scope", "Redaction", "Values"])
            for scope in scopes {
                table.append([
                    scope.name, scope.minimumRedaction.description,
                    scope.link.map { TextOutput.printable($0.address) } ?? "native",
                ])
            }
            try program.output.write(table.takeText())
        case .json:
            let elements = scopes.map { scope in
                JSON.object([
                    ("link", .optional(scope.link?.address)),
                    ("minimum_redaction", .text(scope.minimumRedaction.description)), ("name", .text(scope.name)),
                ])
            }
            try program.output.write(JSON.array(elements).indented)
        }
    }
}

/// `hush scopes set-redaction`.
struct SetRedactionCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-redaction",
        abstract: "Set how far every run must at least go in redacting a scope's values.",
        discussion: """
            A run's own --redact can only go further. literal is the least there is: then --redact alone counts. It \
            needs the permission MANAGE.

            EXAMPLE:
              hush scopes set-redaction payments strict
            """
    )

    @Argument(help: ArgumentHelp("The name of the scope.", valueName: "scope"))
    var scope: String

    @Argument(help: ArgumentHelp("The level: literal, encoded or strict.", valueName: "level"))
    var level: MinimumRedaction

    @OptionGroup var options: SecretsOptions

    func run(in program: Program) async throws {
        try await WorkspaceAccess(program, options.workspace, options.server).scopes(as: options.acting.principal)
            .setMinimumRedaction(level, of: scope)
    }
}
