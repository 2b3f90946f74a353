package import SecretScopes

/// A link whose address and options were checked: what vaults are made from.
package struct LinkConfiguration: Sendable, Hashable {
    /// The kind of the vault.
    package let kind: VaultKind
    /// The address, taken apart and in its canonical form.
    package let address: LinkURL
    private let values: [String: String]

    package init(kind: VaultKind, address: LinkURL, values: [String: String]) {
        self.kind = kind
        self.address = address
        self.values = values
    }

    /// An option's text; `nil` when it was not given.
    package func text(_ name: String) -> String? { values[name] }

    /// An option that is true or false.
    package func truth(_ name: String) -> Bool { values[name] == "true" }

    /// An option that is a number.
    package func number(_ name: String) -> Int? { values[name].flatMap { Int($0) } }

    /// An option that is a time.
    package func duration(_ name: String) -> Duration? { values[name].flatMap { Duration(linkOption: $0) } }

    /// The option `auth`, or what counts when it was not given.
    package func authentication(default method: String) -> String { values["auth"] ?? method }

    /// How long one read may take: 5 seconds unless the link says something else.
    package var readTimeout: Duration { duration("timeout") ?? .seconds(5) }
    /// How long one write may take: three times as long as a read.
    package var writeTimeout: Duration { readTimeout * 3 }
    /// Whether values can be put and deleted through the link.
    package var isWritable: Bool { truth("writable") }
    /// The certificates of those whom to trust instead of the system's own.
    package var certificates: String? { values["ca-file"] }
}
