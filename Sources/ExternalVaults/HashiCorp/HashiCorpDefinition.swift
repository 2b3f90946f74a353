package import SecretScopes

/// Links to key-value engines of HashiCorp Vault and OpenBao: `vault://HOST[:PORT]/MOUNT/PATH`.
package enum HashiCorpDefinition: VaultDefinition {
    package static let kind = VaultKind.vault

    private static let usualPort = 8200

    package static let options: [LinkOption] = [
        LinkOption(
            "auth", .choice(["token", "token-file", "approle", "kubernetes", "jwt", "cert"]),
            "how to authenticate: with a token, which is the link's credential, or in another way"),
        LinkOption("auth-mount", .text, "where the way to authenticate is mounted, if not under its own name"),
        LinkOption("role", .text, "the role of kubernetes and jwt, or the name of the certificate's entry"),
        LinkOption("role-id", .text, "the role id of approle; its secret id is the link's credential"),
        LinkOption("bind-secret-id", .truth, "false when the role of approle needs no secret id"),
        LinkOption("wrapped", .truth, "whether the credential is a wrapping token with the secret id in it"),
        LinkOption("token-file", .path, "the file that holds the token, which an agent keeps fresh"),
        LinkOption("jwt-file", .path, "the file that holds the token of jwt or of the pod's service account"),
        LinkOption("namespace", .text, "the namespace, such as team/app"),
        LinkOption("kv-version", .choice(["auto", "1", "2"]), "the version of the engine; auto asks the vault"),
        LinkOption("mount", .text, "the engine's mount when it has several segments and the version is given"),
        LinkOption(
            "layout", .choice(["secrets", "fields"]),
            "whether keys are secrets below the path, or the fields of the one secret at the path"),
        LinkOption("property", .text, "the field of a secret that is the value; value when it is not given"),
        LinkOption("version", .number(1...Int(Int32.max)), "the version to read, of an engine of version 2"),
        LinkOption("standby-hosts", .text, "hosts, HOST:PORT, to which the vault may redirect requests"),
        LinkOption("tls", .truth, "false for a vault on this machine that speaks plain HTTP"),
    ]

    package static func shape(_ address: LinkURL, _ link: LinkConfiguration) throws(LinkProblem) -> LinkShape {
        let origin = try origin(address, link)
        let path = try path(address)
        let standbys = try standbys(link, origin)
        _ = try mount(link, path)
        let login = try HashiCorpLogin(link)
        if link.isWritable, link.text("version") != nil {
            throw LinkProblem(
                "A link that reads a certain version cannot be writable. Leave out one of the two options.")
        }
        if link.text("layout") == "fields", link.text("property") != nil {
            throw LinkProblem("With layout=fields every field is a key: leave out the option property.")
        }
        return LinkShape(
            address: "vault://\(origin.authority)\(path.addressForm)",
            authority: ([origin.description] + standbys.map(\.description).sorted()).joined(separator: " "),
            host: origin, credential: login.need)
    }

    package static func vault(_ link: LinkConfiguration, _ context: VaultContext) throws(LinkProblem) -> any Vault {
        let origin = try origin(link.address, link)
        let path = try path(link.address)
        let standbys = try standbys(link, origin)
        for standby in standbys { try LinkOrigin.check(standby, option: "standby-hosts", context.policy) }
        let login = try HashiCorpLogin(link)
        let client = HashiCorpClient(
            origin: origin, standbys: standbys, namespace: link.text("namespace"),
            endpoint: VaultEndpoint(context.transport, random: context.random, rateLimit: link.number("rate-limit")))
        let session = HashiCorpSession(
            client: client, login: login, trust: try ServerTrust(certificates: link.certificates),
            certificates: link.certificates, pool: context.pool, clock: context.steadyClock)
        return KeyValueVault(
            session: session, path: path.segments, known: try mount(link, path),
            selection: FieldSelection(property: link.text("property")), readsFields: link.text("layout") == "fields",
            version: link.number("version"), readTimeout: link.readTimeout, writeTimeout: link.writeTimeout,
            pool: context.pool)
    }

    private static func origin(_ address: LinkURL, _ link: LinkConfiguration) throws(LinkProblem) -> LinkURL {
        let isPlain = link.text("tls") == "false"
        guard !address.host.isEmpty else {
            throw LinkProblem("The address names no host. Write vault://HOST:PORT/MOUNT/PATH.")
        }
        guard !isPlain || address.isLoopback else {
            throw LinkProblem(
                "Only a vault on this machine may be asked without encryption. Leave out tls=false; the option ca-file "
                    + "names certificates of your own to trust.")
        }
        let port = address.port ?? usualPort
        guard let origin = LinkURL("\(isPlain ? "http" : "https")://\(address.bracketedHost):\(port)") else {
            throw LinkProblem("\(address.host) is not a host.")
        }
        return origin
    }

    private static func path(_ address: LinkURL) throws(LinkProblem) -> AddressPath {
        guard let path = AddressPath(address.path), !path.segments.contains(where: { $0.hasSuffix(".") }) else {
            throw LinkProblem(
                "The address must name the engine's mount and may name a path in it, vault://HOST:PORT/MOUNT/PATH; no "
                    + "segment of it may end in a period.")
        }
        return path
    }

    private static func standbys(_ link: LinkConfiguration, _ origin: LinkURL) throws(LinkProblem) -> [LinkURL] {
        let words = (link.text("standby-hosts") ?? "").split { $0 == "," || $0 == " " }
        var hosts: [LinkURL] = []
        for word in words {
            guard let host = LinkURL("\(origin.scheme)://\(word)"), !host.host.isEmpty, host.path.isEmpty,
                origin.scheme == "https" || host.isLoopback
            else { throw LinkProblem("The option standby-hosts holds hosts, HOST:PORT, divided by commas.") }
            if let whole = LinkURL("\(host.scheme)://\(host.bracketedHost):\(host.port ?? usualPort)") {
                hosts.append(whole)
            }
        }
        return hosts
    }

    /// The engine, when it need not be asked for.
    private static func mount(_ link: LinkConfiguration, _ path: AddressPath) throws(LinkProblem) -> KeyValueEngine? {
        let mount = link.text("mount").map { $0.split(separator: "/").map(String.init) }
        if let mount, !path.segments.starts(with: mount) || mount.isEmpty {
            throw LinkProblem("The option mount must be what the path of the address begins with.")
        }
        guard let version = link.number("kv-version") else {
            if mount != nil {
                throw LinkProblem(
                    "The option mount needs the option kv-version: without it the vault is asked for both.")
            }
            return nil
        }
        let isOne = version == 1
        if isOne, link.text("version") != nil {
            throw LinkProblem("An engine of version 1 keeps no versions. Leave out the option version.")
        }
        return KeyValueEngine(mount: mount ?? [path.segments[0]], isVersioned: !isOne)
    }
}
