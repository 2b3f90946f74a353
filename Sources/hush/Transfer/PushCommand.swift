import ArgumentParser

/// `hush push`.
struct PushCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Copy the secrets of a scope to somewhere else.",
        discussion: """
            They go to a vault, by the address, options and credential that a link to it has (Documentation/Vaults); to a \
            new .env or .json file that only you can read (- is standard output, as JSON); or to a scope of another \
            workspace, by databricks://HOST/SCOPE or --to-profile. This process reaches it, with what you have.

            What is in the way is named before anything is written: names that collide or cannot stand there, and values \
            that differ, which --overwrite replaces. What is there and equal is left alone, so a push that was \
            interrupted is finished by doing it again. Every value is recorded as read. It needs the permission READ.

            EXAMPLE:
              hush push app --to .env --case upper --words underscores
              hush push app --to aws-secrets-manager://eu-west-1/app/ --dry-run
              hush push payments --to-profile new-workspace --acl
            """
    )

    @Argument(help: ArgumentHelp("The name of the scope.", valueName: "scope"))
    var scope: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Where the secrets go to: an address, a file, or a scope's name.", valueName: "target"))
    var to: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Put them into the scope of this name, or of --to, of a profile's workspace.", valueName: "profile"))
    var toProfile: String?

    @Flag(help: "Replace the file if there is one.")
    var force = false

    @OptionGroup var options: TransferOptions
    @OptionGroup var secrets: SecretsOptions

    func run(in program: Program) async throws {
        guard to != nil || toProfile != nil else { throw UsageFailure("--to or --to-profile is needed") }
        try WorkspaceAccess.checkOutsideRun(program.environment)
        let reason = "push to " + TransferAddress.reason(to, profile: toProfile)
        let service = try await WorkspaceAccess(program, secrets.workspace, secrets.server)
            .secrets(as: secrets.acting.principal, reason: reason)
        let address = TransferAddress(
            text: to, profile: toProfile, options: options, secrets: service, program: program)
        let target = try await address.target(scope: scope, replaces: force)
        try await TransferRun(
            source: ScopePlace(service: service, scope: scope, pool: program.pool), target: target,
            options: options, format: secrets.format.output, program: program,
            output: to == "-" ? program.errors : program.output)()
    }
}
