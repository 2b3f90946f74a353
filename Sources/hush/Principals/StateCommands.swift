import ArgumentParser
import SecretScopes

/// `hush users|service-principals deactivate`.
struct DeactivatePrincipalCommand<Words: PrincipalWords>: ProgramCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "deactivate",
            abstract: "Refuse a \(Words.kind) everything from the next call on.",
            discussion: """
                It keeps its permissions, memberships and tokens for when it is activated again.

                EXAMPLE:
                  hush \(Words.command) deactivate \(Words.examples.existing)
                """
        )
    }

    @Argument(help: Words.name)
    var name: String

    @OptionGroup var options: IdentityOptions

    func run(in program: Program) async throws {
        try await options.service(in: program).setActive(false, kind: Words.kind, name: name)
        try options.print("Deactivated \(Words.kind) \(name).", or: .object([("name", .text(name))]), in: program)
    }
}

/// `hush users|service-principals activate`.
struct ActivatePrincipalCommand<Words: PrincipalWords>: ProgramCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "activate",
            abstract: "Let a deactivated \(Words.kind) act again.",
            discussion: """
                It has the permissions, memberships and tokens that it had.

                EXAMPLE:
                  hush \(Words.command) activate \(Words.examples.existing)
                """
        )
    }

    @Argument(help: Words.name)
    var name: String

    @OptionGroup var options: IdentityOptions

    func run(in program: Program) async throws {
        try await options.service(in: program).setActive(true, kind: Words.kind, name: name)
        try options.print("Activated \(Words.kind) \(name).", or: .object([("name", .text(name))]), in: program)
    }
}
