import ArgumentParser
import SecretScopes
import Workspace

/// `hush keys`.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Change how the workspace is unlocked.",
        discussion: """
            EXAMPLE:
              hush keys change-passphrase
            """,
        subcommands: [ChangePassphraseCommand.self]
    )
}

/// `hush keys change-passphrase`.
struct ChangePassphraseCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "change-passphrase",
        abstract: "Unlock the workspace with another passphrase from now on.",
        discussion: """
            Asks for the old passphrase and for the new one. A workspace that is unlocked with a key file is unlocked \
            with the passphrase afterwards, and with the key file no more.

            Backups made before still open with what they opened with.

            EXAMPLE:
              hush keys change-passphrase
              hush keys change-passphrase --passphrase-fd 3 --new-passphrase-fd 4 3<old 4<new
            """
    )

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Read the new passphrase, one line, from this open file descriptor.", valueName: "n")
    )
    var newPassphraseFd: Int32?

    @OptionGroup var format: OutputOptions
    @OptionGroup var workspace: WorkspaceOptions

    func run(in program: Program) async throws {
        let opened = try await WorkspaceAccess(program, workspace).open()
        let passphrase = try PassphrasePrompt(program: program).new(from: newPassphraseFd)
        try await opened.changeKeyProvider(
            to: PassphraseProvider(passphrase: passphrase),
            runBy: program.environment.userName,
            origin: WorkspaceAccess.origin
        )
        switch format.output {
        case .text:
            try program.output.write(
                "The workspace opens with the new passphrase now. Backups made before open with the old key.\n")
        case .json:
            try program.output.write(JSON.object([("key_provider", .text(PassphraseProvider.kind))]).indented)
        }
    }
}
