package import SecretScopes

/// Links to AWS Secrets Manager: `aws-secrets-manager://REGION/PREFIX`.
package enum SecretsManagerDefinition: VaultDefinition {
    package static let kind = VaultKind.awsSecretsManager
    package static let options =
        AWSOptions.all + [
            LinkOption("version", .text, "the id of the version to read instead of the current one"),
            LinkOption("stage", .text, "the staging label of the version to read (AWSCURRENT)"),
            LinkOption("recovery-days", .number(7...30), "how many days a deleted secret can be restored (30)"),
        ]

    package static func shape(_ address: LinkURL, _ link: LinkConfiguration) throws(LinkProblem) -> LinkShape {
        let prefix = String(address.path.dropFirst())
        guard prefix.utf8.allSatisfy(SecretsManagerName.accepts) else {
            throw LinkProblem(
                "The prefix \(prefix) has characters that names in Secrets Manager do not have: letters, digits and /_+=.@-"
            )
        }
        guard prefix.utf8.count < SecretsManagerName.longest else {
            throw LinkProblem("The prefix is longer than names in Secrets Manager are.")
        }
        if let version = link.text("version"), !(32...64).contains(version.utf8.count) {
            throw LinkProblem("The option version must be the id of a version, which has 32 to 64 characters.")
        }
        if let stage = link.text("stage"), stage.utf8.count > 256 {
            throw LinkProblem("The option stage must have at most 256 characters.")
        }
        return try AWSOptions.shape(
            .secretsManager, link, address: "\(kind.name)://\(address.host)/\(prefix)", prefix: prefix)
    }

    package static func vault(_ link: LinkConfiguration, _ context: VaultContext) throws(LinkProblem) -> any Vault {
        let access = try AWSAccess(link, context)
        return SecretsManagerVault(
            link, access,
            try AWSOperations(.secretsManager, link, access, session: try AWSOptions.session(link, access)))
    }
}
