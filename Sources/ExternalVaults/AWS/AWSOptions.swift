internal import SecretScopes

/// The options that links to all services of AWS take, and what they lead to.
enum AWSOptions {
    /// The ways to come by credentials: with keys of the link's own, or as this machine.
    private static let ways = ["static", "auto", "env", "profile", "web-identity", "container", "imds"]

    static let all: [LinkOption] = [
        LinkOption(
            "auth", .choice(ways),
            "where credentials come from: static (the link's credential; usual when access-key-id is given), auto (what this "
                + "machine has, in the order of AWS' tools; usual otherwise), or one of these alone"),
        LinkOption(
            "access-key-id", .text,
            "the name of the key whose secret part is the link's credential; without it, the credential is a JSON object with "
                + "AccessKeyId, SecretAccessKey and perhaps SessionToken"),
        LinkOption("profile", .text, "the profile in this machine's ~/.aws files, for auth=profile"),
        LinkOption("assume-role", .text, "the ARN of a role to assume with these credentials"),
        LinkOption("external-id", .text, "the external id that the role asks for"),
        LinkOption("session-name", .text, "the name of the role's session, as CloudTrail shows it (hush)"),
        LinkOption("role-duration", .duration(900...43_200), "how long the role's credentials live (1h)"),
        LinkOption("endpoint", .address, "the service's address, for a VPC endpoint or an emulator"),
        LinkOption("sts-endpoint", .address, "the address of the Security Token Service, likewise"),
        LinkOption("fips", .truth, "whether to use the hosts with validated cryptography"),
        LinkOption("dual-stack", .truth, "whether to use the hosts with addresses of IPv6 too"),
        LinkOption("kms-key-id", .text, "the KMS key of secrets that are created through the link"),
    ]

    /// Checks the options, and says whether the link needs a credential.
    ///
    /// - Throws: ``LinkProblem``.
    static func credentialNeed(_ link: LinkConfiguration) throws(LinkProblem) -> LinkShape.CredentialNeed {
        let way = way(link)
        if way != "static", link.text("access-key-id") != nil {
            throw LinkProblem("The option access-key-id goes with auth=static alone.")
        }
        if way != "profile", link.text("profile") != nil {
            throw LinkProblem("The option profile goes with auth=profile alone.")
        }
        if link.text("assume-role") == nil {
            for name in ["external-id", "session-name", "role-duration"]
            where link.text(name) != nil && !(way == "web-identity" && name == "session-name") {
                throw LinkProblem("The option \(name) goes with the option assume-role alone.")
            }
        }
        if let arn = link.text("assume-role"), !isRole(arn) {
            throw LinkProblem("The option assume-role must be an ARN such as arn:aws:iam::111122223333:role/reader.")
        }
        if let name = link.text("session-name"),
            !(2...64).contains(name.utf8.count) || !name.utf8.allSatisfy(isSessionByte)
        {
            throw LinkProblem("The option session-name must be 2 to 64 letters, digits and characters of _+=,.@-")
        }
        if let text = link.text("external-id"), !(2...1224).contains(text.utf8.count) {
            throw LinkProblem("The option external-id must have 2 to 1224 characters.")
        }
        return way == "static" ? .required : .machine
    }

    /// Where a link's requests go, as far as its address and options tell, and whom its credential is for.
    ///
    /// - Throws: ``LinkProblem``.
    static func shape(
        _ service: AWSService, _ link: LinkConfiguration, address: String, prefix: String
    ) throws(LinkProblem) -> LinkShape {
        let need = try credentialNeed(link)
        let region = link.address.host
        guard link.address.port == nil else {
            throw LinkProblem("The address begins with a region such as eu-west-1, which has no port.")
        }
        let (usesFIPS, usesDualStack) = (link.truth("fips"), link.truth("dual-stack"))
        let host: LinkURL
        if let endpoint = try LinkOrigin.option("endpoint", of: link) {
            guard isRegionName(region) else { throw LinkProblem("\(region) is not the name of a region.") }
            host = endpoint
        } else {
            host = try AWSEndpoints.usual(service, region, usesFIPS: usesFIPS, usesDualStack: usesDualStack)
        }
        let tokenService = try LinkOrigin.option("sts-endpoint", of: link)?.description ?? "sts"
        return LinkShape(
            address: address, authority: "\(region) \(host) \(tokenService)", host: host, prefix: prefix,
            credential: need)
    }

    /// The credentials of a link.
    static func session(_ link: LinkConfiguration, _ access: AWSAccess) throws(LinkProblem) -> AWSCredentialSession {
        let session = AWSCredentialSession(try source(link, access), clock: access.context.steadyClock)
        guard let arn = link.text("assume-role") else { return session }
        let role = AWSRole(
            arn: arn, sessionName: link.text("session-name") ?? AWSRole.usualSessionName,
            externalID: link.text("external-id"), duration: link.duration("role-duration"))
        return AWSCredentialSession(
            AWSAssumedRole(role: role, base: session, access: access), clock: access.context.steadyClock)
    }

    private static func source(
        _ link: LinkConfiguration, _ access: AWSAccess
    ) throws(LinkProblem) -> any AWSCredentialSource {
        switch way(link) {
        case "static": return AWSLinkKeys(accessKeyID: link.text("access-key-id"), access: access)
        case "env": return AWSVariableKeys(access: access)
        case "profile":
            return AWSProfileCredentials(link.text("profile") ?? access.machine.usualProfile, access)
        case "web-identity":
            guard let source = AWSWebIdentity.ofVariables(access) else {
                throw LinkProblem(
                    "With auth=web-identity the variables AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN must be set.")
            }
            return source
        case "container": return AWSContainerCredentials(access)
        case "imds": return AWSInstanceMetadata(access: access)
        default: return AWSAutomaticCredentials(access: access)
        }
    }

    private static func way(_ link: LinkConfiguration) -> String {
        link.authentication(default: link.text("access-key-id") == nil ? "auto" : "static")
    }

    /// Whether `text` can be the name of a region: what stands in signatures.
    private static func isRegionName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39) ~= $0 || (0x61...0x7A) ~= $0 || $0 == UInt8(ascii: "-") }
    }

    private static func isRole(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 6 && parts[0] == "arn" && parts[1].hasPrefix("aws") && parts[2] == "iam"
            && parts[3].isEmpty
            && parts[4].count == 12 && parts[4].allSatisfy(\.isNumber) && parts[5].hasPrefix("role/")
            && (20...2048).contains(text.utf8.count)
    }

    private static func isSessionByte(_ byte: UInt8) -> Bool {
        (0x30...0x39) ~= byte || (0x41...0x5A) ~= byte || (0x61...0x7A) ~= byte || "_+=,.@-".utf8.contains(byte)
    }
}
