import ArgumentParser

/// `hush secrets`: the commands of the Databricks command line.
struct SecretsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secrets",
        abstract: "Create scopes, put and get secrets, grant permissions.",
        discussion: """
            Arguments, flags and outputs are those of `databricks secrets`, and so are the exit statuses: every \
            failure is 1. `versions` and `restore` are Hush's own.

            EXAMPLE:
              hush secrets create-scope payments
              printf %s "$API_KEY" | hush secrets put-secret payments api-key
              hush secrets put-acl payments analysts READ
              hush secrets get-secret payments api-key --raw --as ana@example.com
            """,
        subcommands: [
            CreateScopeCommand.self, DeleteScopeCommand.self, ListScopesCommand.self,
            PutSecretCommand.self, GetSecretCommand.self, DeleteSecretCommand.self, ListSecretsCommand.self,
            VersionsCommand.self, RestoreVersionCommand.self,
            PutACLCommand.self, GetACLCommand.self, DeleteACLCommand.self, ListACLsCommand.self,
        ]
    )
}
