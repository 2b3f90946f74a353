internal import SecretScopes

/// Links to the secrets of an Azure Key Vault.
enum AzureKeyVaultDefinition: VaultDefinition {
    static let kind = VaultKind.azureKeyVault

    static let options: [LinkOption] = [
        LinkOption(
            "auth",
            .choice(["auto", "client-secret", "client-certificate", "workload-identity", "managed-identity"]),
            "how to authenticate; auto, which is the default, takes what the machine has"),
        LinkOption("tenant-id", .text, "the tenant's id, which the vault must name too"),
        LinkOption("client-id", .text, "the application's id, or that of the managed identity"),
        LinkOption("object-id", .text, "the object id of the managed identity"),
        LinkOption("identity-resource-id", .text, "the Azure resource id of the managed identity"),
        LinkOption("token-file", .path, "the projected token of workload-identity"),
        LinkOption("authority-host", .address, "who issues tokens, if that is not the cloud's usual host"),
        LinkOption("endpoint", .address, "where the vault is reached, if that is not its own host"),
        LinkOption("version", .text, "the version to read, instead of the latest one"),
        LinkOption("api-version", .text, "the version of Key Vault's interface"),
        LinkOption("resource-id", .text, "the vault's Azure resource id, which is only shown"),
    ]

    static func claims(_ address: LinkURL) -> Bool {
        address.scheme == kind.name
            || (address.scheme == "https" && AzureCloud.cloud(ofVault: address.host) != nil)
    }

    static func shape(_ address: LinkURL, _ link: LinkConfiguration) throws(LinkProblem) -> LinkShape {
        let vault = try KeyVaultAddress(address)
        guard vault.cloud != nil || link.text("authority-host") != nil else {
            throw LinkProblem(
                "\(vault.host) is of none of Azure's public clouds; give the option authority-host, which issues its tokens."
            )
        }
        let method = link.authentication(default: "auto")
        let isClient = method == "client-secret" || method == "client-certificate"
        for name in ["tenant-id", "client-id"] where isClient && link.text(name) == nil {
            throw LinkProblem("auth=\(method) needs the option \(name).")
        }
        for name in ["tenant-id", "client-id", "object-id"] {
            guard let text = link.text(name), !isIdentifier(text) else { continue }
            throw LinkProblem("The option \(name) must be an id such as 72f988bf-86f1-41af-91ab-2d7cd011db47.")
        }
        if let version = link.text("version") {
            guard version.utf8.count == 32, version.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
                throw LinkProblem("The option version must be a version of Key Vault: 32 hexadecimal digits.")
            }
        }
        if let version = link.text("api-version") {
            guard version.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") }) else {
                throw LinkProblem("The option api-version must be one such as 7.4 or 2025-07-01.")
            }
        }
        let authority = try LinkOrigin.option("authority-host", of: link)
        let endpoint = try LinkOrigin.option("endpoint", of: link)
        let host = endpoint ?? LinkURL(vault.url)
        return LinkShape(
            address: vault.linkAddress,
            authority: [vault.url, endpoint?.description ?? "", authority?.description ?? ""].joined(separator: " "),
            host: host,
            credential: isClient ? .required : .machine)
    }

    static func vault(_ link: LinkConfiguration, _ context: VaultContext) throws(LinkProblem) -> any Vault {
        try AzureKeyVault(link, context)
    }

    /// `adfs` stands in the place of a tenant where tokens come from AD FS.
    private static func isIdentifier(_ text: String) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        return text == "adfs"
            || (groups.map(\.utf8.count) == [8, 4, 4, 4, 12]
                && groups.joined().allSatisfy { $0.isASCII && $0.isHexDigit })
    }
}
