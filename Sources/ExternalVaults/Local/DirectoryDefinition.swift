internal import SecretCrypto
package import SecretScopes

/// Links to directories of files: `file:///PATH`.
package enum DirectoryDefinition: VaultDefinition {
    package static let kind = VaultKind.directory

    package static let options: [LinkOption] = [
        LinkOption(
            "trim", .choice(["final-newline"]),
            "what to leave out at the end of a file: the line end that editors put there")
    ]

    package static func shape(_ address: LinkURL, _ link: LinkConfiguration) throws(LinkProblem) -> LinkShape {
        let path = try path(of: address)
        return LinkShape(address: "file://\(path.addressForm)", authority: path.text, host: nil, credential: .none)
    }

    package static func vault(_ link: LinkConfiguration, _ context: VaultContext) throws(LinkProblem) -> any Vault {
        let path = try path(of: link.address).text
        do {
            _ = try LinkedDirectory(path, policy: context.policy)
        } catch {
            // One that is not there yet may be mounted later; whether it may be read is decided anew at each use.
            if error.reason == .untrusted {
                throw LinkProblem("The directory \(path) cannot be linked: \(error.detail ?? "it is not trusted").")
            }
            guard context.policy.allows(directory: path) else {
                throw LinkProblem("The directory \(path) cannot be linked: \(LinkedDirectory.notListed(path)).")
            }
        }
        return DirectoryVault(path: path, trimsFinalNewline: link.text("trim") != nil, context: context)
    }

    private static func path(of address: LinkURL) throws(LinkProblem) -> AddressPath {
        guard address.host.isEmpty || address.host == "localhost", address.port == nil else {
            throw LinkProblem("A directory's address has no host. Write file:///run/secrets, with three slashes.")
        }
        guard let path = AddressPath(address.path) else {
            throw LinkProblem("The address must hold an absolute path without . and .., such as file:///run/secrets.")
        }
        return path
    }
}
