internal import SecretScopes

/// Reads what was given for a link: address, options, credential.
struct LinkReader {
    let policy: LinkPolicy

    /// What was made of it.
    struct Reading {
        var definition: any VaultDefinition.Type
        var configuration: LinkConfiguration
        var shape: LinkShape
        var options: [String: String]
        var credential: LinkCredential?
    }

    /// - Throws: ``LinkProblem``.
    func read(address: String, options: [String: String], credential: String?) throws(LinkProblem) -> Reading {
        guard let url = LinkURL(address) else {
            throw LinkProblem(
                "The address of the link is not one. Write it as \(Self.schemes.map { $0 + "://…" }.joined(separator: ", "))."
            )
        }
        guard let definition = VaultCatalog.definitions.first(where: { $0.claims(url) }) else {
            throw LinkProblem(
                "\(url.scheme):// is no kind of vault.\(Self.suggestion(for: url.scheme, among: Self.schemes))")
        }
        let known = LinkOption.common + definition.options
        for (name, value) in options.sorted(by: { $0.key < $1.key }) {
            guard let option = known.first(where: { $0.name == name }) else {
                throw LinkProblem(
                    "A link to \(definition.kind.title) has no option \(name)."
                        + "\(Self.suggestion(for: name, among: known.map(\.name).sorted()))")
            }
            guard option.accepts(value) else {
                throw LinkProblem("The option \(name) must be \(option.wanted).")
            }
        }
        let configuration = LinkConfiguration(kind: definition.kind, address: url, values: options)
        let shape = try definition.shape(url, configuration)
        return Reading(
            definition: definition,
            configuration: LinkConfiguration(
                kind: definition.kind, address: LinkURL(shape.address) ?? url, values: options),
            shape: shape,
            options: options,
            credential: try self.credential(credential, for: shape, of: definition.kind)
        )
    }

    private func credential(
        _ text: String?, for shape: LinkShape, of kind: VaultKind
    ) throws(LinkProblem) -> LinkCredential? {
        switch (shape.credential, text) {
        case (.required, nil):
            throw LinkProblem(
                "The link needs a credential: give a reference to it, {{secrets/SCOPE/KEY}}, env:NAME or file:PATH.")
        case (.machine, _?):
            throw LinkProblem(
                "This way to authenticate takes no credential: it is the machine's own identity. Leave it out, or choose "
                    + "another way with the option auth.")
        case (.none, _?):
            throw LinkProblem("A link to a \(kind.title) takes no credential. Leave it out.")
        case (_, nil):
            return nil
        case (.required, let text?):
            guard let credential = LinkCredential(text) else {
                throw LinkProblem(
                    "The link's credential must be a reference, never the credential itself: {{secrets/SCOPE/KEY}}, env:NAME "
                        + "or file:PATH.")
            }
            return credential
        }
    }

    /// Throws unless the settings of this machine let a link reach what it is for.
    func checkPolicy(_ shape: LinkShape) throws(LinkProblem) {
        guard let host = shape.host else { return }
        guard policy.allows(host: host.host, port: host.port) else {
            throw LinkProblem(
                "\(host.authority) may not be linked here: it is not listed under links.hosts in config.yaml.")
        }
        if let number = NetworkAddress(host.host), number.isGuarded || host.isLoopback,
            !policy.lists(host: host.host, port: host.port)
        {
            throw LinkProblem(
                "\(host.authority) may not be linked: it is this machine, a metadata service or an address of the link "
                    + "alone. An administrator of the machine can list it under links.hosts in config.yaml.")
        }
    }

    private static let schemes = VaultCatalog.definitions.map { $0.kind.name }

    /// A sentence to put behind a message about a word that is not known: the one that was meant, or all there are.
    private static func suggestion(for word: String, among known: [String]) -> String {
        let hint = NearestName.hint(among: known, to: word)
        return hint.isEmpty ? " There are: \(known.joined(separator: ", "))." : hint
    }
}
