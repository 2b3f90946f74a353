import ArgumentParser
import SecretScopes

/// `hush audit`.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Ask the audit record who did what, and check that nobody altered it.",
        discussion: """
            Every call is recorded, granted or refused, and so are these questions.

            EXAMPLE:
              hush audit who-read payments api-key
              hush audit verify
            """,
        subcommands: [
            EventsCommand.self, WhoReadCommand.self, ReadsCommand.self, VerifyCommand.self, CheckpointCommand.self,
        ]
    )
}

/// What all commands under `hush audit` take.
struct AuditOptions: ParsableArguments {
    @OptionGroup var format: OutputOptions
    @OptionGroup var workspace: WorkspaceOptions
}
