internal import SecretMemory

/// What a vault says in `WWW-Authenticate`: by whom, and for what, a token must be issued.
struct AuthenticationChallenge: Sendable, Hashable {
    /// The parameters by name, in lower case.
    let parameters: [String: String]

    /// The first `Bearer` challenge of an answer; `nil` when there is none.
    init?(_ answer: VaultAnswer) {
        for header in answer.allHeaders("www-authenticate") where header.utf8.count <= 16_384 {
            guard let parameters = Self.parameters(of: header) else { continue }
            self.parameters = parameters
            return
        }
        return nil
    }

    /// Takes `Bearer name="value", …` apart.
    private static func parameters(of header: String) -> [String: String]? {
        let text = header.drop { $0 == " " }
        guard text.lowercased().hasPrefix("bearer ") else { return nil }
        var parameters: [String: String] = [:]
        var rest = text.dropFirst(7)
        while true {
            rest = rest.drop { $0 == " " || $0 == "," || $0 == "\t" }
            guard let equals = rest.firstIndex(of: "=") else { break }
            let name = rest[..<equals].filter { $0 != " " }.lowercased()
            rest = rest[rest.index(after: equals)...].drop { $0 == " " }
            let value: Substring
            if rest.first == "\"" {
                rest = rest.dropFirst()
                value = rest.prefix { $0 != "\"" }
                rest = rest[value.endIndex...].dropFirst()
            } else {
                value = rest.prefix { $0 != "," && $0 != " " }
                rest = rest[value.endIndex...]
            }
            if parameters[name] == nil { parameters[name] = String(value) }
        }
        return parameters.isEmpty ? nil : parameters
    }

    /// What a new token must meet, as JSON, when it is that what the vault misses (continuous access evaluation).
    func claims(pool: SecretPool) -> String? {
        guard
            let text = parameters["claims"],
            parameters["error"] == "insufficient_claims" || parameters["error"] == "invalid_token",
            let bytes = Base64URL.decode(text, pool: pool)
        else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// A vault's challenge that was found to ask for nothing but a token for this vault.
///
/// Whoever gives himself out for a vault could otherwise ask for a token for any other service, and would be sent it.
struct KeyVaultChallenge: Sendable, Hashable {
    /// The tenant that issues tokens; `nil` when the vault names none.
    let tenant: String?
    /// What tokens are asked for.
    let scope: String

    /// Checks a challenge.
    ///
    /// - Parameters:
    ///   - challenge: What the vault said.
    ///   - vault: The vault's host, by which it knows itself.
    ///   - authorities: The hosts that may issue tokens.
    ///   - tenant: The tenant that the link names, if it does.
    /// - Throws: ``VaultFailure`` with `untrusted`, or `notUnderstood`.
    init(
        _ challenge: AuthenticationChallenge, vault: KeyVaultAddress, authorities: [String], tenant configured: String?
    ) throws(VaultFailure) {
        let parameters = challenge.parameters
        guard
            let authority = (parameters["authorization_uri"] ?? parameters["authorization"]).flatMap({ LinkURL($0) }),
            let scope = parameters["scope"] ?? parameters["resource"].map({ $0 + "/.default" }),
            let target = LinkURL(scope)
        else {
            throw VaultFailure(
                .notUnderstood,
                detail: "it does not say who issues its tokens, as Key Vault does before a token is shown")
        }
        guard authority.scheme == "https",
            authorities.contains(authority.authority) || authorities.contains(authority.host)
        else {
            throw VaultFailure(
                .untrusted,
                detail:
                    "it asks for a token of an issuer other than \(authorities.joined(separator: ", ")); the option "
                    + "authority-host can name another one")
        }
        guard target.scheme == "https", !target.host.isEmpty, Self.isWithin(vault, target) else {
            throw VaultFailure(
                .untrusted, detail: "it asks for a token that is for another service than vaults such as \(vault.host)")
        }
        let named = authority.segments.first
        guard named?.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") }) ?? true else {
            throw VaultFailure(.notUnderstood, detail: "it names a tenant that cannot be one")
        }
        if let configured, let named, named.lowercased() != configured.lowercased() {
            throw VaultFailure(
                .untrusted, detail: "it asks for a token of another tenant than the link's option tenant-id")
        }
        self.tenant = named
        self.scope = scope
    }

    /// Whether the vault's host is one within the host that a token is asked for.
    private static func isWithin(_ vault: KeyVaultAddress, _ target: LinkURL) -> Bool {
        let port = target.port == 443 ? nil : target.port
        return vault.host.hasSuffix("." + target.host) && (port == nil || port == vault.port)
    }
}
