internal import SecretScopes

/// All kinds of vaults that can be linked.
enum VaultCatalog {
    static let definitions: [any VaultDefinition.Type] = [
        AzureKeyVaultDefinition.self,
        DatabricksDefinition.self,
        DirectoryDefinition.self,
        HashiCorpDefinition.self,
        ParameterStoreDefinition.self,
        ProgramDefinition.self,
        SecretManagerDefinition.self,
        SecretsManagerDefinition.self,
    ]

    /// The definition of a kind; `nil` when there is none.
    static func definition(of kind: VaultKind) -> (any VaultDefinition.Type)? {
        definitions.first { $0.kind == kind }
    }
}
