/// Which addresses are Google's: those of one universe, which is `googleapis.com` unless somebody runs one of his own.
///
/// A file with credentials names where they are to be sent, so whoever wrote the file could have them sent to himself.
struct GoogleUniverse: Sendable, Hashable {
    static let usual = "googleapis.com"

    /// The domain.
    let domain: String
    /// An address that the link itself names, beside them.
    let named: LinkURL?

    /// - Parameter named: What the link's option `token-uri` says.
    init(domain: String = usual, named: LinkURL? = nil) {
        self.domain = domain
        self.named = named
    }

    var isUsual: Bool { domain == Self.usual }

    /// Whether requests with credentials may go there.
    func contains(_ url: LinkURL) -> Bool {
        if let named, url.scheme == named.scheme, url.host == named.host, url.port == named.port { return true }
        guard url.scheme == "https", url.port == nil || url.port == 443 else { return false }
        return [domain, Self.usual].contains { url.host == $0 || url.host.hasSuffix("." + $0) }
    }

    /// Reads an address out of a file with credentials.
    ///
    /// - Throws: ``VaultFailure`` with `untrusted` when it is not one of Google's.
    func checked(_ text: String) throws(VaultFailure) -> LinkURL {
        guard let url = LinkURL(text), contains(url) else {
            throw VaultFailure(
                .untrusted,
                detail:
                    "the credential names an address that is not of \(domain); the option token-uri or universe of the "
                    + "link can name another one")
        }
        return url
    }

    /// Whether a text can be the domain of a universe.
    static func isDomain(_ text: String) -> Bool {
        text.contains(".")
            && LinkURL("https://" + text).map { $0.host == text && $0.port == nil && $0.path.isEmpty } == true
    }
}

extension LinkURL {
    /// Scheme, host and port alone.
    var origin: LinkURL { LinkURL("\(scheme)://\(authority)") ?? self }

    /// The path as requests hold it.
    var target: String { path.isEmpty ? "/" : path }
}
