import ArgumentParser
import Glibc
import SecretMemory
import SecretScopes
import Workspace

/// `hush init`.
struct InitCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a new workspace.",
        discussion: """
            The store is made in $HUSH_HOME (default: ~/.hush), and everything in it is encrypted under a root key. \
            The root key is unlocked by a key file, or by a passphrase. Whoever loses that has lost every value.

            Keep a key file away from the store and its backups: with --key-file it can lie on another disk.

            EXAMPLE:
              hush init --key-file /media/stick/hush.key
              hush init --passphrase
            """
    )

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Where the key file is made. (default: root.key beside the store)", valueName: "path"),
        completion: .file()
    )
    var keyFile: String?

    @Flag(help: "Unlock the workspace with a passphrase, which you are asked for.")
    var passphrase = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Unlock it with a passphrase: one line from this open file descriptor.", valueName: "n")
    )
    var passphraseFd: Int32?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The name of the first administrator, whom commands act as. (default: your user name)", valueName: "name")
    )
    var admin: String?

    @OptionGroup var format: OutputOptions

    func run(in program: Program) async throws {
        try WorkspaceAccess.checkOutsideRun(program.environment)
        let folder = try program.environment.workspaceFolder()
        // Before a passphrase is asked for or a key file made.
        try WorkspaceAccess.checkThereIsNone(in: folder)
        let administrator = admin ?? program.environment.userName
        let workspace = try await Workspace.create(
            in: folder,
            keyProvider: keyProvider(in: folder, program),
            administrator: administrator,
            runBy: program.environment.userName,
            pool: program.pool
        )
        try report(workspace, administrator: administrator, in: program)
    }

    private var usesPassphrase: Bool { passphrase || passphraseFd != nil }

    private func keyFilePath(in folder: String) -> String {
        keyFile ?? WorkspaceAccess.defaultKeyFile(in: folder)
    }

    private func keyProvider(in folder: String, _ program: Program) throws -> any KeyProvider {
        guard usesPassphrase else { return KeyFileProvider(path: keyFilePath(in: folder), pool: program.pool) }
        guard keyFile == nil else {
            throw UsageFailure("A workspace is unlocked by a key file or by a passphrase. Leave out one.")
        }
        let prompt = PassphrasePrompt(program: program)
        let passphrase = try prompt.new(from: passphraseFd)
        return PassphraseProvider(passphrase: passphrase)
    }

    private func report(_ workspace: Workspace, administrator: String, in program: Program) throws {
        let store = Workspace.storePath(in: workspace.folder)
        let key = usesPassphrase ? nil : keyFilePath(in: workspace.folder)
        switch format.output {
        case .text:
            var table = Table(["Workspace", workspace.id.description])
            table.append(["Store", store])
            table.append(["Root key", key ?? "unlocked by your passphrase"])
            table.append(["Administrator", administrator])
            let what = key == nil ? "the passphrase" : "the key file"
            try program.output.write(
                """
                \(table.takeText())
                Losing \(what) is final: nobody can read the values without it, and nobody can help you. \
                \(key == nil ? "Write it down and lock it away." : "Keep a copy of it apart from the store.")

                """
            )
        case .json:
            let document = JSON.object([
                ("workspace", .text(workspace.id.description)),
                ("store", .text(store)),
                ("key_provider", .text(usesPassphrase ? PassphraseProvider.kind : KeyFileProvider.kind)),
                ("key_file", .optional(key)),
                ("administrator", .text(administrator)),
            ])
            try program.output.write(document.indented)
        }
    }
}
