import ArgumentParser
import SecretScopes

/// `hush service-principals create-secret`.
struct CreateClientSecretCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "create-secret",
        abstract: "Create a client secret for a service principal and print it, this once.",
        discussion: """
            With the application id as client id, programs get access tokens for it that are valid for an hour (OAuth \
            machine-to-machine).

            EXAMPLE:
              hush service-principals create-secret 0e2b5a5e-5d1f-4c59-8d35-0b6a3c1d9f42 --lifetime 365d
            """
    )

    @Argument(help: "The application id.")
    var applicationID: String

    @OptionGroup var lifetime: LifetimeOptions
    @OptionGroup var options: TokenOptions

    func run(in program: Program) async throws {
        let lifetime = try lifetime.duration()
        let secret = try await options.service(in: program)
            .createClientSecret(for: applicationID, lifetime: lifetime)
        try options.print(secret, named: "secret", in: program)
    }
}

/// `hush service-principals list-secrets`.
struct ListClientSecretsCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "list-secrets",
        abstract: "List the client secrets of a service principal.",
        discussion: """
            Shows how long they are valid, never the secrets themselves.

            EXAMPLE:
              hush service-principals list-secrets 0e2b5a5e-5d1f-4c59-8d35-0b6a3c1d9f42
            """
    )

    @Argument(help: "The application id.")
    var applicationID: String

    @OptionGroup var options: TokenOptions

    func run(in program: Program) async throws {
        let secrets = try await options.service(in: program).listClientSecrets(of: applicationID)
        var table = Table(["ID", "Created", "Expires"])
        for secret in secrets {
            table.append([
                secret.id.description, TimeText.text(secret.created),
                secret.expires.map { TimeText.text($0) } ?? "never",
            ])
        }
        try options.print(table.takeText(), or: .array(secrets.map { .token($0) }), in: program)
    }
}

/// `hush service-principals delete-secret`.
struct DeleteClientSecretCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete-secret",
        abstract: "Make a client secret useless at once, and every access token that came from it.",
        discussion: """
            EXAMPLE:
              hush service-principals delete-secret 0e2b5a5e-5d1f-4c59-8d35-0b6a3c1d9f42 \
            0e2b5a5e5d1f4c598d350b6a3c1d9f42
            """
    )

    @Argument(help: "The application id.")
    var applicationID: String

    @Argument(help: "The secret's id, as the list shows it.")
    var id: String

    @OptionGroup var options: TokenOptions

    func run(in program: Program) async throws {
        let secret = try TokenOptions.id(id)
        try await options.service(in: program).deleteClientSecret(secret, of: applicationID)
        let document = JSON.object([("application_id", .text(applicationID)), ("secret_id", .text(id))])
        try options.print("Deleted client secret \(secret).\n", or: document, in: program)
    }
}
