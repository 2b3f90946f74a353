/// Where the requests of a link go, by what the link says, else by the machine's variables and profiles, as AWS' own tools
/// have it.
enum AWSEndpoints {
    /// The origin of a service.
    ///
    /// - Throws: ``LinkProblem`` when what the machine says is no address, or the region is not known.
    static func origin(
        of service: AWSService, _ link: LinkConfiguration, _ machine: AWSMachine
    ) throws(LinkProblem) -> LinkURL {
        let option = service == .securityTokens ? "sts-endpoint" : "endpoint"
        if let origin = try LinkOrigin.option(option, of: link) { return origin }
        if machine.variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")?.lowercased() != "true" {
            for name in ["AWS_ENDPOINT_URL_\(service.settingName)", "AWS_ENDPOINT_URL"] {
                if let text = machine.variable(name) { return try address(text, "The variable \(name)") }
            }
            let profile = link.text("profile") ?? machine.usualProfile
            if let text = (try? machine.readProfiles())?.endpoint(of: service, profile: profile) {
                return try address(text, "The endpoint_url of the profile \(profile)")
            }
        }
        let usesFIPS = link.truth("fips") || machine.variable("AWS_USE_FIPS_ENDPOINT")?.lowercased() == "true"
        let usesDualStack =
            link.truth("dual-stack") || machine.variable("AWS_USE_DUALSTACK_ENDPOINT")?.lowercased() == "true"
        return try usual(service, link.address.host, usesFIPS: usesFIPS, usesDualStack: usesDualStack)
    }

    /// The origin by AWS' own rules.
    static func usual(
        _ service: AWSService, _ region: String, usesFIPS: Bool, usesDualStack: Bool
    ) throws(LinkProblem) -> LinkURL {
        guard
            let partition = AWSPartition(region: region),
            let origin = LinkURL(
                "https://"
                    + partition.host(of: service, in: region, usesFIPS: usesFIPS, usesDualStack: usesDualStack))
        else {
            throw LinkProblem(
                "\(region) is not a region of AWS that is known here. Write one such as eu-west-1, or give the option "
                    + "\(service == .securityTokens ? "sts-endpoint" : "endpoint").")
        }
        return origin
    }

    private static func address(_ text: String, _ source: String) throws(LinkProblem) -> LinkURL {
        guard let address = LinkURL(text), address.isWebAddress, address.path.isEmpty || address.path == "/" else {
            throw LinkProblem("\(source) is not an address such as https://vpce-1.example.com, without a path.")
        }
        return address
    }
}
