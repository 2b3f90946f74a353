/// The services of AWS that links talk to.
enum AWSService: Sendable, Hashable, CaseIterable {
    case secretsManager
    case parameterStore
    case securityTokens

    /// The name in signatures and hosts.
    var name: String {
        switch self {
        case .secretsManager: "secretsmanager"
        case .parameterStore: "ssm"
        case .securityTokens: "sts"
        }
    }

    /// What stands before an operation in the header `X-Amz-Target`.
    var targetPrefix: String {
        switch self {
        case .secretsManager: "secretsmanager"
        case .parameterStore: "AmazonSSM"
        case .securityTokens: ""
        }
    }

    /// The service's name in variables such as `AWS_ENDPOINT_URL_SSM`, and in lower case in the `services` of profiles.
    var settingName: String {
        switch self {
        case .secretsManager: "SECRETS_MANAGER"
        case .parameterStore: "SSM"
        case .securityTokens: "STS"
        }
    }
}
