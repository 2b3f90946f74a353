package import SecretScopes

/// Links to a scope of another Databricks workspace, or of another Hush server: `databricks://HOST[:PORT]/SCOPE`.
package enum DatabricksDefinition: VaultDefinition {
    package static let kind = VaultKind.databricks

    package static let options: [LinkOption] = [
        LinkOption(
            "auth", .choice(["token", "oauth"]),
            "how to authenticate: with a token, which is the link's credential, or as a service principal, whose client "
                + "secret it is"),
        LinkOption("client-id", .text, "the service principal's application id, for auth=oauth"),
        LinkOption("endpoint", .address, "where the workspace is reached, if that is not its own host"),
    ]

    package static func shape(_ address: LinkURL, _ link: LinkConfiguration) throws(LinkProblem) -> LinkShape {
        let scope = try scope(of: address)
        let origin = try origin(address, link)
        let isOAuth = link.authentication(default: "token") == "oauth"
        guard isOAuth == (link.text("client-id") != nil) else {
            throw LinkProblem("auth=oauth and the option client-id go together. Give both, or neither.")
        }
        return LinkShape(
            address: "\(kind.name)://\(address.authority)/\(scope)",
            authority: "\(origin) \(link.text("client-id") ?? "")", host: origin, credential: .required)
    }

    package static func vault(_ link: LinkConfiguration, _ context: VaultContext) throws(LinkProblem) -> any Vault {
        let client = DatabricksScopeClient(
            origin: try origin(link.address, link), clientID: link.text("client-id"),
            trust: try ServerTrust(certificates: link.certificates),
            endpoint: VaultEndpoint(context.transport, random: context.random, rateLimit: link.number("rate-limit")),
            pool: context.pool, clock: context.steadyClock)
        return DatabricksScope(
            scope: try scope(of: link.address), client: client, readTimeout: link.readTimeout,
            writeTimeout: link.writeTimeout, pool: context.pool)
    }

    private static func scope(of address: LinkURL) throws(LinkProblem) -> String {
        let name = String(address.path.dropFirst())
        guard !address.host.isEmpty, ScopeName(rawValue: name) != nil else {
            throw LinkProblem("The address must name a workspace and a scope: databricks://HOST/SCOPE.")
        }
        return name
    }

    private static func origin(_ address: LinkURL, _ link: LinkConfiguration) throws(LinkProblem) -> LinkURL {
        if let endpoint = try LinkOrigin.option("endpoint", of: link) { return endpoint }
        guard let origin = LinkURL("https://\(address.authority)") else {
            throw LinkProblem("\(address.authority) is not a host.")
        }
        return origin
    }
}
