package import NIOSSL

/// Whether a certificate was made for a host's name.
///
/// NIOSSL also accepts one that was made for the address that was connected to. Whoever has one for an address of their
/// own, and can answer questions for names, could stand in for any host by that.
package enum ServerNameCheck {
    /// Whether the certificate, whose chain was verified, names `host` in one of its names for hosts. One that has no
    /// alternative names at all is left to NIOSSL, which looks at its common name.
    package static func accepts(_ certificate: NIOSSLCertificate, for host: String) -> Bool {
        var hasNames = false
        for name in certificate._subjectAlternativeNames() {
            hasNames = true
            if name.nameType == .dnsName, matches(String(decoding: name.contents, as: UTF8.self), host) { return true }
        }
        return !hasNames
    }

    /// Whether a name of a certificate stands for `host` (RFC 6125, section 6.4): the case does not matter, and `*` as its
    /// first label stands for any one label.
    static func matches(_ pattern: String, _ host: String) -> Bool {
        let pattern = pattern.lowercased()
        var host = host.lowercased()
        if host.hasSuffix(".") { host.removeLast() }
        guard pattern.hasPrefix("*.") else { return pattern == host }
        guard let dot = host.firstIndex(of: "."), dot > host.startIndex else { return false }
        let rest = host[dot...]
        return rest == pattern.dropFirst() && rest.dropFirst().contains(".")
    }
}
