internal import SecretScopes

/// Links to the secrets of a project in Google Cloud's Secret Manager.
enum SecretManagerDefinition: VaultDefinition {
    static let kind = VaultKind.gcpSecretManager

    /// The ways to authenticate with a credential of the link's own, by the types of Google's files.
    private static let types = [
        "service-account", "external-account", "authorized-user", "impersonation",
    ]

    static let options: [LinkOption] = [
        LinkOption(
            "auth", .choice(["adc"] + types + ["metadata"]),
            "how to authenticate; adc, which is the default, takes what Google's tools would take on this machine"),
        LinkOption("impersonate", .text, "the e-mail address of a service account to act as"),
        LinkOption("version", .text, "what to read: latest (the default), latest_enabled, a number or an alias"),
        LinkOption("quota-project", .text, "the project that requests are charged to"),
        LinkOption(
            "replicas", .text, "where new secrets are kept, such as europe-west1,europe-west4, instead of anywhere"),
        LinkOption("universe", .text, "the domain of Google's services, if it is not googleapis.com"),
        LinkOption("endpoint", .address, "where Secret Manager is reached, if that is not its own host"),
        LinkOption("token-uri", .address, "who issues tokens, if that is not whom the credential names"),
    ]

    static func shape(_ address: LinkURL, _ link: LinkConfiguration) throws(LinkProblem) -> LinkShape {
        let parent = try SecretManagerParent(address)
        let method = link.authentication(default: "adc")
        let universe = link.text("universe") ?? GoogleUniverse.usual
        guard GoogleUniverse.isDomain(universe) else {
            throw LinkProblem("The option universe must be a domain such as googleapis.com.")
        }
        if let version = link.text("version"), !isVersion(version) {
            throw LinkProblem("The option version must be latest, latest_enabled, a number or an alias.")
        }
        for name in ["quota-project", "replicas"] {
            guard let text = link.text(name) else { continue }
            let isList = text.utf8.allSatisfy { byte in
                (0x61...0x7A) ~= byte || (0x30...0x39) ~= byte || byte == UInt8(ascii: "-")
                    || (byte == UInt8(ascii: ",") && name == "replicas")
            }
            guard isList else { throw LinkProblem("The option \(name) holds a character that no such name has.") }
        }
        if let email = link.text("impersonate") {
            guard email.split(separator: "@", omittingEmptySubsequences: false).count == 2, !email.contains("/") else {
                throw LinkProblem("The option impersonate must be the e-mail address of a service account.")
            }
        }
        if parent.location != nil, link.text("replicas") != nil {
            throw LinkProblem("A secret of one location has no replicas; leave the option replicas out.")
        }
        let endpoint = try LinkOrigin.option("endpoint", of: link)
        return LinkShape(
            address: parent.address,
            authority: [
                "gcp-secret-manager://" + (parent.location ?? ""), universe, endpoint?.description ?? "",
                link.text("token-uri") ?? "",
            ].joined(separator: " "),
            host: endpoint ?? parent.host(universe: universe),
            credential: types.contains(method) ? .required : .machine)
    }

    static func vault(_ link: LinkConfiguration, _ context: VaultContext) throws(LinkProblem) -> any Vault {
        try GoogleSecretManager(link, context)
    }

    private static func isVersion(_ text: String) -> Bool {
        text == "latest_enabled" || (Int(text) ?? 0) > 0
            || (text.utf8.count <= 63 && text.first?.isLetter == true && text != "NEW"
                && text.utf8.allSatisfy { SecretManagerParent.isNameByte($0) })
    }
}

/// The project, or the project's location, whose secrets a link is for.
struct SecretManagerParent: Sendable, Hashable {
    let project: String
    /// The location of regional secrets; `nil` for the global ones.
    let location: String?

    /// Reads `gcp-secret-manager://PROJECT[/LOCATION]`.
    init(_ address: LinkURL) throws(LinkProblem) {
        let segments = address.segments
        func isName(_ text: String) -> Bool {
            !text.isEmpty && text.utf8.count <= 63
                && text.utf8.allSatisfy { (0x61...0x7A) ~= $0 || (0x30...0x39) ~= $0 || $0 == UInt8(ascii: "-") }
        }
        guard address.port == nil, isName(address.host), segments.count <= 1, segments.allSatisfy(isName) else {
            throw LinkProblem(
                "The address must be gcp-secret-manager://PROJECT or gcp-secret-manager://PROJECT/LOCATION, with the project's "
                    + "id or number and a location such as europe-west4.")
        }
        self.project = address.host
        self.location = segments.first
    }

    static func isNameByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A) ~= byte || (0x41...0x5A) ~= byte || (0x30...0x39) ~= byte || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_")
    }

    /// As a link's address.
    var address: String { "gcp-secret-manager://\(project)" + (location.map { "/\($0)" } ?? "") }

    /// As it stands in requests.
    var path: String { "/v1/projects/\(project)" + (location.map { "/locations/\($0)" } ?? "") }

    /// The service's host.
    func host(universe: String) -> LinkURL? {
        LinkURL("https://secretmanager." + (location.map { "\($0).rep." } ?? "") + universe)
    }
}
