/// The kinds of external vaults that a scope can be linked to. The raw values stand in stored rows and never change.
public enum VaultKind: UInt8, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// The secrets of an Azure Key Vault.
    case azureKeyVault = 1
    /// AWS Secrets Manager.
    case awsSecretsManager = 2
    /// The Parameter Store of AWS Systems Manager.
    case awsParameterStore = 3
    /// Google Cloud's Secret Manager.
    case gcpSecretManager = 4
    /// A key-value engine of HashiCorp Vault or OpenBao.
    case vault = 5
    /// A scope of another Databricks workspace, or of another Hush server.
    case databricks = 6
    /// A directory with one file for each secret.
    case directory = 7
    /// A program that answers for a vault.
    case program = 8

    /// The name, which is also the scheme of such a link's address.
    public var name: String {
        switch self {
        case .azureKeyVault: "azure-key-vault"
        case .awsSecretsManager: "aws-secrets-manager"
        case .awsParameterStore: "aws-parameter-store"
        case .gcpSecretManager: "gcp-secret-manager"
        case .vault: "vault"
        case .databricks: "databricks"
        case .directory: "file"
        case .program: "exec"
        }
    }

    /// What messages call such a vault.
    public var title: String {
        switch self {
        case .azureKeyVault: "Azure Key Vault"
        case .awsSecretsManager: "AWS Secrets Manager"
        case .awsParameterStore: "AWS Parameter Store"
        case .gcpSecretManager: "GCP Secret Manager"
        case .vault: "Vault"
        case .databricks: "Databricks workspace"
        case .directory: "directory"
        case .program: "program"
        }
    }

    /// Finds a kind by its name.
    public init?(named name: String) {
        guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = match
    }

    /// The name.
    public var description: String { name }

    /// Where a scope that is linked to such a vault keeps its values, in the words of the API.
    public var backend: ScopeBackend {
        self == .azureKeyVault ? .azureKeyVault : .linked
    }
}
