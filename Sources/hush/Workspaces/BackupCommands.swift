import ArgumentParser
import SecretScopes
import Workspace

/// `hush backup`.
struct BackupCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the whole store to a file, and check the copy.",
        discussion: """
            Nobody has to stop working meanwhile: the copy is the store as it was at one moment. The file has its \
            name only when it is complete, and one that is there already is never replaced.

            A backup opens with what the workspace opens with. The key file is not in it: keep a copy of that \
            elsewhere, or the backup is worth nothing.

            EXAMPLE:
              hush backup /media/stick/hush-2026-08-22.db
            """
    )

    @Argument(help: ArgumentHelp("The new file.", valueName: "path"), completion: .file())
    var path: String

    @OptionGroup var format: OutputOptions
    @OptionGroup var workspace: WorkspaceOptions

    func run(in program: Program) async throws {
        let opened = try await WorkspaceAccess(program, workspace).open()
        let line = ProgressLine(on: program.errors)
        defer { line.clear() }
        let report = try await opened.backUp(
            to: path,
            runBy: program.environment.userName,
            origin: WorkspaceAccess.origin
        ) { line.show($0) }
        line.clear()
        switch format.output {
        case .text:
            let key = report.keyProvider == PassphraseProvider.kind ? "your passphrase" : "the key file"
            try program.output.write(
                "Backed up \(report.events) events and \(report.rows) rows to \(path), and checked the copy.\n"
                    + "It opens only with \(key), which is not in it.\n")
        case .json: try program.output.write(report.document.indented)
        }
    }
}

/// `hush restore`.
struct RestoreCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a workspace of a backup.",
        discussion: """
            The backup is checked first. There must be no workspace in $HUSH_HOME (default: ~/.hush), and the \
            workspace opens with what it opened with when the backup was made: put the key file into $HUSH_HOME \
            first, or name it with --key-file.

            What happened after the backup is not in it: tokens revoked and permissions withdrawn since are there \
            again.

            EXAMPLE:
              hush restore /media/stick/hush-2026-08-22.db --key-file /media/other/hush.key
            """
    )

    @Argument(help: ArgumentHelp("The file that `hush backup` wrote.", valueName: "path"), completion: .file())
    var path: String

    @OptionGroup var format: OutputOptions
    @OptionGroup var workspace: WorkspaceOptions

    func run(in program: Program) async throws {
        let access = WorkspaceAccess(program, workspace)
        try WorkspaceAccess.checkOutsideRun(program.environment)
        let folder = try program.environment.workspaceFolder()
        try WorkspaceAccess.checkThereIsNone(in: folder)
        let line = ProgressLine(on: program.errors)
        defer { line.clear() }
        let report = try await Workspace.restore(
            from: path,
            to: folder,
            keyProvider: access.keyProvider(in: folder),
            runBy: program.environment.userName,
            origin: WorkspaceAccess.origin,
            pool: program.pool
        ) { line.show($0) }
        line.clear()
        switch format.output {
        case .text:
            try program.output.write(
                """
                Restored \(report.events) events and \(report.rows) rows to \(folder).
                What happened after the backup is not in it: tokens revoked and permissions withdrawn since are there \
                again.

                """)
        case .json: try program.output.write(report.document.indented)
        }
    }
}

extension ProgressLine {
    fileprivate func show(_ progress: BackupProgress) {
        switch progress {
        case .copied(let done, of: let all): show("Copied \(done) of \(all) pages")
        case .checked(let done, of: let all): show("Checked \(done) of \(all) events and rows")
        }
    }
}

extension BackupReport {
    fileprivate var document: JSON {
        .object([
            ("events", .integer(events)), ("rows", .integer(rows)), ("hash", .text(hash)),
            ("key_provider", .text(keyProvider)),
        ])
    }
}
