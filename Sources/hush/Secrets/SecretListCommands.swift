import ArgumentParser
import DatabricksAPI
import SecretMemory
import SecretScopes

/// `hush secrets list-secrets`.
struct ListSecretsCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "list-secrets",
        abstract: "List the names of a scope's secrets.",
        usage: "hush secrets list-secrets SCOPE [flags]",
        discussion: """
            Shows no values. Times are milliseconds since 1970. It needs the permission READ.

            EXAMPLE:
              hush secrets list-secrets payments
            """
    )

    @Argument(help: ArgumentHelp("The name of the scope.", valueName: "scope"))
    var arguments: [String] = []

    @OptionGroup var limit: LimitOptions
    @OptionGroup var options: SecretsOptions

    func run(in program: Program) async throws {
        let scope = try PositionalArguments.exactly(1, of: arguments)[0]
        let count = try limit.count()
        let secrets = try await options.service(in: program).listSecrets(scope: scope).prefix(count)
        switch options.format.output {
        case .text:
            var table = Table(["Key", "Last Updated Timestamp"])
            for secret in secrets { table.append([secret.key, String(secret.lastUpdated.rawValue)]) }
            try program.output.write(table.takeText())
        case .json:
            let elements = secrets.map { secret in
                JSON.object([
                    ("key", .text(secret.key)), ("last_updated_timestamp", .integer(secret.lastUpdated.rawValue)),
                ])
            }
            try program.output.write(JSON.array(elements).indented)
        }
    }
}

/// `hush secrets delete-secret`.
struct DeleteSecretCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete-secret",
        abstract: "Delete a secret.",
        usage: "hush secrets delete-secret SCOPE KEY [flags]",
        discussion: """
            This cannot be undone. It needs the permission WRITE.

            EXAMPLE:
              hush secrets delete-secret payments api-key
            """
    )

    @Argument(help: ArgumentHelp("The name of the scope and that of the secret.", valueName: "scope> <key"))
    var arguments: [String] = []

    @OptionGroup var request: RequestBodyOptions
    @OptionGroup var options: SecretsOptions

    func run(in program: Program) async throws {
        let secret: SecretParameters
        if let json = try request.body(in: program.pool) {
            try PositionalArguments.none(of: arguments, besideJSONWith: ["scope", "key"])
            secret = try json.withBytes { try SecretParameters(json: $0) }
        } else {
            let names = try PositionalArguments.exactly(2, of: arguments)
            secret = SecretParameters(scope: names[0], key: names[1])
        }
        try await options.service(in: program).deleteSecret(scope: secret.scope, key: secret.key)
    }
}
