internal import SecretMemory

/// As whom a link speaks to Azure.
enum AzureIdentity: Sendable {
    /// An application that is registered in a tenant.
    case application(EntraApplication)
    /// What Azure gave the machine.
    case managed(ManagedIdentity)

    /// Finds out what a link's option `auth` and the variables around the process say.
    init(_ link: LinkConfiguration, _ context: VaultContext) throws(LinkProblem) {
        let environment = context.environment.filter { !$0.value.isEmpty }
        let tenant = link.text("tenant-id") ?? environment["AZURE_TENANT_ID"]
        let client = link.text("client-id") ?? environment["AZURE_CLIENT_ID"]
        let file = link.text("token-file") ?? environment["AZURE_FEDERATED_TOKEN_FILE"]
        func application(_ proof: EntraApplication.Proof) throws(LinkProblem) -> AzureIdentity {
            guard let tenant, let client else {
                throw LinkProblem(
                    "There is no \(tenant == nil ? "tenant" : "client"); give the option "
                        + "\(tenant == nil ? "tenant-id" : "client-id").")
            }
            let isName = (tenant + client).allSatisfy {
                $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".")
            }
            guard isName else { throw LinkProblem("AZURE_TENANT_ID or AZURE_CLIENT_ID is no id.") }
            return .application(EntraApplication(tenant: tenant, client: client, proof: proof))
        }
        switch link.authentication(default: "auto") {
        case "client-secret": self = try application(.secret(.link))
        case "client-certificate": self = try application(.certificate(.link))
        case "workload-identity":
            guard let file else {
                throw LinkProblem(
                    "There is no projected token; give the option token-file, or set AZURE_FEDERATED_TOKEN_FILE.")
            }
            self = try application(.federatedToken(file: file))
        case "managed-identity": self = .managed(try ManagedIdentity(link, context))
        default:
            if tenant != nil, client != nil, environment["AZURE_CLIENT_SECRET"] != nil {
                self = try application(.secret(.variable("AZURE_CLIENT_SECRET")))
            } else if tenant != nil, client != nil, let path = environment["AZURE_CLIENT_CERTIFICATE_PATH"] {
                self = try application(.certificate(.file(path)))
            } else if tenant != nil, client != nil, let file {
                self = try application(.federatedToken(file: file))
            } else {
                self = .managed(try ManagedIdentity(link, context))
            }
        }
    }

    /// The tenant that tokens must come from, when it is known as an id.
    var tenant: String? {
        guard case .application(let application) = self else { return nil }
        // A domain's name is one too; only ids can be compared with what the vault says.
        return application.tenant.split(separator: "-").count == 5 ? application.tenant : nil
    }
}

/// An application that is registered in a tenant, and how it proves that it is that one.
struct EntraApplication: Sendable {
    /// How it proves who it is.
    enum Proof: Sendable {
        /// It knows a secret.
        case secret(Place)
        /// It has the key of a certificate.
        case certificate(Place)
        /// Another issuer says so, in a token that is renewed in a file.
        case federatedToken(file: String)
    }

    /// Where a secret or a certificate is read.
    enum Place: Sendable {
        case link
        case variable(String)
        case file(String)
    }

    var tenant: String
    var client: String
    var proof: Proof
}
