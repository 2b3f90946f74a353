import ArgumentParser

/// `hush secrets get-secret`.
struct GetSecretCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "get-secret",
        abstract: "Get a secret.",
        usage: "hush secrets get-secret SCOPE KEY [--raw] [--version N] [flags]",
        discussion: """
            Prints a JSON object with the value in base64, or with --raw the value itself. It needs the permission READ.

            EXAMPLE:
              hush secrets get-secret payments api-key --raw
              hush secrets get-secret payments api-key --version 3
            """
    )

    @Argument(help: ArgumentHelp("The name of the scope and that of the secret.", valueName: "scope> <key"))
    var arguments: [String] = []

    @Flag(help: "Print the bytes of the value and nothing else.")
    var raw = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Get the value of this version instead of the current one.", valueName: "n")
    )
    var version: Int64?

    @OptionGroup var options: SecretsOptions

    func run(in program: Program) async throws {
        try await reading().run(in: program)
    }

    /// What the arguments ask for.
    ///
    /// - Throws: ``UsageFailure`` when they make no sense together.
    func reading() throws -> SecretReading {
        let names = try PositionalArguments.exactly(2, of: arguments)
        guard !raw || options.format.output == .text else {
            throw UsageFailure("cannot specify both --raw and --output json")
        }
        return SecretReading(
            scope: names[0],
            key: names[1],
            isRaw: raw,
            version: version,
            principal: options.acting.principal,
            unlocking: WorkspaceUnlocking(options.workspace),
            server: ServerChoice(options.server)
        )
    }
}
