package import SecretScopes

/// Links to programs: `exec:///PROGRAM`.
package enum ProgramDefinition: VaultDefinition {
    package static let kind = VaultKind.program

    package static let options: [LinkOption] = [
        LinkOption(
            "protocol", .choice(["native", "docker", "aws", "google", "git"]),
            "what the program speaks: Hush's own protocol, or that of Docker's or git's credential helpers, of AWS' "
                + "credential_process or of Google's executables"),
        LinkOption("args", .text, "the words that the program finds before the operation, as a shell divides them"),
        LinkOption(
            "env", .text, "the names of the variables that the program finds in its environment, such as HOME,PATH"),
        LinkOption("list", .truth, "whether the program can list; false when it does not"),
    ]

    package static func shape(_ address: LinkURL, _ link: LinkConfiguration) throws(LinkProblem) -> LinkShape {
        let path = try path(of: address)
        _ = try arguments(link)
        _ = try variables(link)
        return LinkShape(address: "exec://\(path.addressForm)", authority: path.text, host: nil, credential: .none)
    }

    package static func vault(_ link: LinkConfiguration, _ context: VaultContext) throws(LinkProblem) -> any Vault {
        let path = try path(of: link.address).text
        guard context.policy.programs.contains(path) else {
            throw LinkProblem(
                "The program \(path) is not among those that may be linked. An administrator can list it under "
                    + "links.programs in config.yaml.")
        }
        let names = try variables(link)
        return ProgramVault(
            path: path,
            arguments: try arguments(link),
            environment: context.environment.filter { names.contains($0.key) },
            dialect: dialect(link),
            mayList: link.text("list") != "false",
            timeout: link.duration("timeout") ?? .seconds(10),
            pool: context.pool
        )
    }

    private static func dialect(_ link: LinkConfiguration) -> any ProgramDialect {
        switch link.text("protocol") {
        case "docker": DockerProgram()
        case "aws": AWSProgram()
        case "google": GoogleProgram()
        case "git": GitProgram()
        default: NativeProgram()
        }
    }

    private static func path(of address: LinkURL) throws(LinkProblem) -> AddressPath {
        guard address.host.isEmpty || address.host == "localhost", address.port == nil else {
            throw LinkProblem("A program's address has no host. Write exec:///usr/local/bin/NAME, with three slashes.")
        }
        guard let path = AddressPath(address.path) else {
            throw LinkProblem(
                "The address must hold an absolute path without . and .., such as exec:///usr/local/bin/NAME.")
        }
        return path
    }

    private static func arguments(_ link: LinkConfiguration) throws(LinkProblem) -> [String] {
        guard let text = link.text("args") else { return [] }
        guard let words = ShellWords.split(text) else {
            throw LinkProblem("The option args has a quotation mark or a backslash that nothing follows. Close it.")
        }
        return words
    }

    private static func variables(_ link: LinkConfiguration) throws(LinkProblem) -> Set<String> {
        let names = (link.text("env") ?? "").split { $0 == "," || $0 == " " }.map(String.init)
        for name in names {
            let isName = name.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || (0x30...0x39) ~= byte || (0x41...0x5A) ~= byte || (0x61...0x7A) ~= byte
            }
            guard isName else {
                throw LinkProblem(
                    "The option env holds names of variables, such as HOME,PATH. Leave out what is not a name.")
            }
            guard !name.hasPrefix("HUSH_") else {
                throw LinkProblem("The option env cannot pass \(name) on: variables of Hush's own are for Hush alone.")
            }
        }
        return Set(names)
    }
}
