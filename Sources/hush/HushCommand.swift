import ArgumentParser

/// `hush`: the root of all commands.
struct HushCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: Product.name,
        abstract: "Secret scopes in the manner of Databricks, on your own machine.",
        discussion: """
            A workspace holds scopes, a scope holds secrets under one access control list, and every read is recorded.
            It lives in $HUSH_HOME (default: ~/.hush).

            EXAMPLE:
              hush init
              hush secrets create-scope payments
              printf %s "$API_KEY" | hush secrets put-secret payments api-key
              hush run daily-revenue.swift
              hush audit who-read payments api-key

            Shell completion: hush --generate-completion-script bash|zsh|fish
            Version: hush --version
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "Workspace",
                subcommands: [
                    InitCommand.self, StatusCommand.self, VerifyCommand.self, BackupCommand.self,
                    RestoreCommand.self, KeysCommand.self,
                ]
            ),
            CommandGroup(
                name: "Secrets and principals",
                subcommands: [
                    SecretsCommand.self, ScopesCommand.self, AccessCommand.self, UsersCommand.self,
                    GroupsCommand.self, ServicePrincipalsCommand.self, TokensCommand.self, AuthCommand.self,
                ]
            ),
            CommandGroup(
                name: "Scopes as code",
                subcommands: [
                    PlanCommand.self, ApplyCommand.self, ExportCommand.self,
                ]
            ),
            CommandGroup(
                name: "In and out",
                subcommands: [
                    ImportCommand.self, PushCommand.self,
                ]
            ),
            CommandGroup(
                name: "Use and audit",
                subcommands: [
                    RunCommand.self, ExecCommand.self, TemplateCommand.self, RedactCommand.self, ServeCommand.self,
                    AuditCommand.self,
                ]
            ),
        ]
    )
}

/// A command that does something, as opposed to a group of commands.
protocol ProgramCommand: ParsableCommand, Sendable {
    /// Does it.
    ///
    /// - Throws: Any error; ``FailureReport`` says what is printed for it and how the program exits.
    func run(in program: Program) async throws
}
