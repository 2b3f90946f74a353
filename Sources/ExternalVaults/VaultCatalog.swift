internal import SecretScopes

/// All kinds of vaults that can be linked.
enum VaultCatalog {
    static let definitions: [any VaultDefinition.Type] = [
        AzureKeyVaultDefinition.self,
        SecretsManagerDefinition.self,
        ParameterStoreDefinition.self,
        DirectoryDefinition.self,
        ProgramDefinition.self,
    ]

    /// The definition of a kind; `nil` when there is none.
    static func definition(of kind: VaultKind) -> (any VaultDefinition.Type)? {
        definitions.first { $0.kind == kind }
    }
}
