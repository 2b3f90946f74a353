/// One of Azure's clouds: where its vaults are, and who issues tokens for them.
struct AzureCloud: Sendable, Hashable {
    /// What the hosts of vaults end with, behind their names and a period.
    let vaultSuffix: String
    /// The host that issues tokens.
    let authority: String
    /// Other names of it, which challenges may hold.
    let otherAuthorities: [String]

    /// The clouds that there are; the one for Germany was closed in 2021.
    static let all = [
        AzureCloud(
            vaultSuffix: "vault.azure.net", authority: "login.microsoftonline.com",
            otherAuthorities: ["login.windows.net", "login.microsoft.com", "sts.windows.net"]),
        AzureCloud(
            vaultSuffix: "vault.usgovcloudapi.net", authority: "login.microsoftonline.us", otherAuthorities: []),
        AzureCloud(
            vaultSuffix: "vault.azure.cn", authority: "login.chinacloudapi.cn",
            otherAuthorities: ["login.partner.microsoftonline.cn"]),
    ]

    /// The cloud that a vault's host belongs to.
    static func cloud(ofVault host: String) -> AzureCloud? {
        all.first { host.hasSuffix("." + $0.vaultSuffix) }
    }
}

/// Where a vault is, by a link's address.
struct KeyVaultAddress: Sendable, Hashable {
    /// The vault's host, by which it knows itself, whatever address its requests are sent to.
    let host: String
    /// Its port, when that is not the usual one.
    let port: Int?

    /// Reads `azure-key-vault://NAME`, `azure-key-vault://HOST` or `https://NAME.vault.azure.net`.
    init(_ address: LinkURL) throws(LinkProblem) {
        guard address.path.isEmpty || address.path == "/" else {
            throw LinkProblem(
                "The address of a Key Vault ends behind its host; leave out \(address.path). One secret is named by its key."
            )
        }
        let host = address.host.contains(".") ? address.host : address.host + ".vault.azure.net"
        let name = host.prefix { $0 != "." }
        let isName =
            (3...24).contains(name.utf8.count) && name.first?.isLetter == true
            && name.utf8.allSatisfy { (0x61...0x7A) ~= $0 || (0x30...0x39) ~= $0 || $0 == UInt8(ascii: "-") }
        guard isName else {
            throw LinkProblem(
                "\(name) cannot be the name of a Key Vault: those have 3 to 24 letters, digits and hyphens, a letter first."
            )
        }
        self.host = host
        self.port = address.port == 443 ? nil : address.port
    }

    /// The cloud that it belongs to; `nil` for one of Azure Stack's.
    var cloud: AzureCloud? { AzureCloud.cloud(ofVault: host) }

    /// As an address of the web, which is what Azure's own pages call the vault.
    var url: String { "https://" + host + (port.map { ":\($0)" } ?? "") }

    /// As a link's address, in its canonical form.
    var linkAddress: String {
        cloud == nil ? "azure-key-vault://" + host + (port.map { ":\($0)" } ?? "") : url
    }
}
