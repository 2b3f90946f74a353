import ArgumentParser

/// `hush import`.
struct ImportCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Copy secrets from somewhere else into a scope.",
        discussion: """
            They come from a vault, by the address, options and credential that a link to it has (Documentation/Vaults); \
            from a .env file or a JSON object (- is standard input); or from a scope of another workspace, by \
            databricks://HOST/SCOPE or --from-profile. This process reaches it, with what you have.

            What is in the way is named before anything is written: names that collide, and values that differ, which \
            --overwrite replaces. What is there and equal is left alone, so an import that was interrupted is finished \
            by doing it again. The scope is created if there is none. It needs the permission WRITE.

            EXAMPLE:
              hush import --from .env app --case lower --words dashes
              hush import --from vault://vault.example.com:8200/secret/app --credential env:VAULT_TOKEN app --dry-run
              hush import --from-profile old-workspace payments --acl
            """
    )

    @Argument(help: ArgumentHelp("The name of the scope.", valueName: "scope"))
    var scope: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Where the secrets come from: an address, a file, or a scope's name.", valueName: "source"))
    var from: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Take them from the scope of this name, or of --from, of a profile's workspace.", valueName: "profile"))
    var fromProfile: String?

    @OptionGroup var options: TransferOptions
    @OptionGroup var secrets: SecretsOptions

    func run(in program: Program) async throws {
        guard from != nil || fromProfile != nil else { throw UsageFailure("--from or --from-profile is needed") }
        try WorkspaceAccess.checkOutsideRun(program.environment)
        let reason = "import from " + TransferAddress.reason(from, profile: fromProfile)
        let service = try await WorkspaceAccess(program, secrets.workspace, secrets.server)
            .secrets(as: secrets.acting.principal, reason: reason)
        let address = TransferAddress(
            text: from, profile: fromProfile, options: options, secrets: service, program: program)
        let target = ScopePlace(service: service, scope: scope, pool: program.pool)
        try target.check()
        try await TransferRun(
            source: try await address.source(scope: scope), target: target, options: options,
            format: secrets.format.output,
            program: program,
            output: program.output)()
    }
}
