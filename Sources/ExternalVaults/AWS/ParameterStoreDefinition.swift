package import SecretScopes

/// Links to the Parameter Store of AWS Systems Manager: `aws-parameter-store://REGION/PATH`.
package enum ParameterStoreDefinition: VaultDefinition {
    package static let kind = VaultKind.awsParameterStore
    package static let options =
        AWSOptions.all + [
            LinkOption(
                "version", .number(1...Int(Int32.max)), "the number of the version to read instead of the latest one"),
            LinkOption("label", .text, "the label of the version to read; lists show parameters with that label alone"),
            LinkOption("type", .choice(["SecureString", "String"]), "the type of new parameters (SecureString)"),
            LinkOption(
                "tier", .choice(["Standard", "Advanced", "Intelligent-Tiering"]),
                "the tier of what is put: values have 4 KB in Standard, 8 KB in the others (Standard)"),
            LinkOption(
                "binary", .truth,
                "whether bytes that are no text are stored in base64 and marked by the tag dbx_encoding, and read back so"
            ),
        ]

    package static func shape(_ address: LinkURL, _ link: LinkConfiguration) throws(LinkProblem) -> LinkShape {
        let segments = address.segments
        for segment in segments where !segment.utf8.allSatisfy(ParameterName.accepts) {
            throw LinkProblem("The path has \(segment) in it: names of parameters have letters, digits and _.- alone.")
        }
        guard segments.count < ParameterName.deepest else {
            throw LinkProblem("Paths of parameters have at most \(ParameterName.deepest) levels, with the name.")
        }
        if let first = segments.first, ParameterName.isReserved(first) {
            throw LinkProblem("Paths that begin with aws or ssm are those of AWS.")
        }
        if link.text("version") != nil, link.text("label") != nil {
            throw LinkProblem("Give the option version or the option label, not both.")
        }
        if let label = link.text("label"), !isLabel(label) {
            throw LinkProblem(
                "The option label must be at most 100 letters, digits and characters of ._- and not begin with a digit."
            )
        }
        let path = segments.map { "/" + $0 }.joined()
        return try AWSOptions.shape(
            .parameterStore, link, address: "\(kind.name)://\(address.host)\(path)",
            prefix: path.isEmpty ? "" : path + "/")
    }

    private static func isLabel(_ text: String) -> Bool {
        (1...100).contains(text.utf8.count) && text.utf8.allSatisfy(ParameterName.accepts)
            && !(text.utf8.first.map { (0x30...0x39) ~= $0 } ?? true) && !ParameterName.isReserved(text)
    }

    package static func vault(_ link: LinkConfiguration, _ context: VaultContext) throws(LinkProblem) -> any Vault {
        let access = try AWSAccess(link, context)
        return ParameterStoreVault(
            link, try AWSOperations(.parameterStore, link, access, session: try AWSOptions.session(link, access)))
    }
}
