import ArgumentParser
import SecretScopes

/// `hush secrets versions`.
struct VersionsCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "versions",
        abstract: "List the versions of a secret that are kept.",
        usage: "hush secrets versions SCOPE KEY [flags]",
        discussion: """
            The newest ten versions are kept. Shows no values: `get-secret --version N` does. It needs the permission \
            READ.

            EXAMPLE:
              hush secrets versions payments api-key
            """
    )

    @Argument(help: ArgumentHelp("The name of the scope and that of the secret.", valueName: "scope> <key"))
    var arguments: [String] = []

    @OptionGroup var options: SecretsOptions

    func run(in program: Program) async throws {
        let names = try PositionalArguments.exactly(2, of: arguments)
        let versions = try await options.versions(in: program).versions(scope: names[0], key: names[1])
        switch options.format.output {
        case .text:
            var table = Table(["Version", "Put", "Current"])
            for version in versions {
                table.append([
                    String(version.number), TimeText.text(version.created), version.isCurrent ? "yes" : "no",
                ])
            }
            try program.output.write(table.takeText())
        case .json:
            let elements = versions.map { version in
                JSON.object([
                    ("created_timestamp", .integer(version.created.rawValue)),
                    ("current", .boolean(version.isCurrent)),
                    ("version", .integer(version.number)),
                ])
            }
            try program.output.write(JSON.array(elements).indented)
        }
    }
}

/// `hush secrets restore`.
struct RestoreVersionCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make an earlier version of a secret the current one again.",
        usage: "hush secrets restore SCOPE KEY --version N [flags]",
        discussion: """
            The earlier value is put once more, as a new version; nothing is lost by it. It needs the permission WRITE.

            EXAMPLE:
              hush secrets restore payments api-key --version 3
            """
    )

    @Argument(help: ArgumentHelp("The name of the scope and that of the secret.", valueName: "scope> <key"))
    var arguments: [String] = []

    @Option(parsing: .unconditional, help: ArgumentHelp("The version's number.", valueName: "n"))
    var version: Int64

    @OptionGroup var options: SecretsOptions

    func run(in program: Program) async throws {
        let names = try PositionalArguments.exactly(2, of: arguments)
        let new = try await options.versions(in: program).restoreSecret(
            scope: names[0], key: names[1], version: version)
        switch options.format.output {
        case .text:
            try program.output.write("Version \(version) of \(names[1]) is current again, as version \(new).\n")
        case .json:
            try program.output.write(JSON.object([("version", .integer(new))]).indented)
        }
    }
}
