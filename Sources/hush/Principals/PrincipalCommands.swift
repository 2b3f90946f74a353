import ArgumentParser
import SecretScopes

/// `hush users|groups|service-principals create`.
struct CreatePrincipalCommand<Words: PrincipalWords>: ProgramCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "create",
            abstract: "Create a \(Words.kind).",
            discussion: """
                \(Words.createNote)

                EXAMPLE:
                  hush \(Words.command) create \(Words.examples.new)
                """
        )
    }

    @Argument(help: Words.newName)
    var name: String

    @OptionGroup var options: IdentityOptions

    func run(in program: Program) async throws {
        let principal = try await options.service(in: program).createPrincipal(kind: Words.kind, name: name)
        var text = "Created \(Words.kind) \(principal.displayName)"
        if Words.kind == .servicePrincipal { text += " with application id \(principal.name)" }
        try options.print(text + ".", or: .principal(principal), in: program)
    }
}

/// `hush users|groups|service-principals delete`.
struct DeletePrincipalCommand<Words: PrincipalWords>: ProgramCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "delete",
            abstract: "Delete a \(Words.kind) with its permissions, memberships and tokens.",
            discussion: """
                \(Words.deleteNote)

                EXAMPLE:
                  hush \(Words.command) delete \(Words.examples.existing)
                """
        )
    }

    @Argument(help: Words.name)
    var name: String

    @OptionGroup var options: IdentityOptions

    func run(in program: Program) async throws {
        try await options.service(in: program).deletePrincipal(kind: Words.kind, name: name)
        try options.print("Deleted \(Words.kind) \(name).", or: .object([("name", .text(name))]), in: program)
    }
}

/// `hush users|groups|service-principals list`.
struct ListPrincipalsCommand<Words: PrincipalWords>: ProgramCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "list",
            abstract: "List all \(Words.kind)s.",
            discussion: """
                EXAMPLE:
                  hush \(Words.command) list -o json
                """
        )
    }

    @OptionGroup var options: IdentityOptions

    func run(in program: Program) async throws {
        let principals = try await options.service(in: program).listPrincipals(kind: Words.kind)
        var table = Table(Words.header)
        for principal in principals { table.append(Words.row(principal)) }
        let text = table.takeText().dropLast()
        try options.print(String(text), or: .array(principals.map { .principal($0) }), in: program)
    }
}

/// What all commands on principals take.
struct IdentityOptions: ParsableArguments {
    @OptionGroup var format: OutputOptions
    @OptionGroup var workspace: WorkspaceOptions
    @OptionGroup var server: ServerOptions

    /// The principals of the workspace.
    func service(in program: Program) async throws -> any IdentityService {
        try await WorkspaceAccess(program, workspace, server).identities()
    }

    /// Prints a text with a line end, or a document, as the user asked for.
    func print(_ text: String, or document: JSON, in program: Program) throws {
        switch format.output {
        case .text: try program.output.write(text + "\n")
        case .json: try program.output.write(document.indented)
        }
    }
}

extension JSON {
    /// A principal, the same for every kind.
    static func principal(_ principal: Principal) -> JSON {
        .object([
            ("id", .text(principal.id.description)),
            ("kind", .text(principal.kind == .servicePrincipal ? "service_principal" : principal.kind.description)),
            ("name", .text(principal.name)),
            ("display_name", .text(principal.displayName)),
            ("active", .boolean(principal.isActive)),
        ])
    }
}
