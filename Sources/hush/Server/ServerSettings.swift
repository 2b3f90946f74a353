import ScopeServer

/// What `hush serve` is told, from wherever it was.
struct ServerSettings: Sendable {
    /// Where it listens.
    let address: ListenAddress
    /// Its certificate and key; `nil` for plain HTTP.
    let identity: TLSIdentity?
    /// Under which address clients reach it.
    let links: ServerOrigin
    /// How many requests of a principal are answered in a second; `nil` for all.
    let requestsPerSecond: Int?
    /// Whose word about their clients' addresses is taken.
    let proxies: TrustedProxies

    /// Where it listens unless it is told otherwise.
    private static let defaultAddress = ListenAddress(host: "127.0.0.1", port: 4874)

    /// Reads the settings and the files that they name.
    ///
    /// - Throws: ``UsageFailure`` when they do not make sense, `ScopeError` when a file of them cannot be read.
    init(_ sources: SettingsSources) throws {
        address = try Self.address(sources)
        identity = try Self.identity(sources)
        links = try Self.links(sources, isSecure: identity != nil)
        requestsPerSecond = try Self.requestsPerSecond(sources)
        proxies = try Self.proxies(sources)
        let isInsecure = try sources.truth(.insecureHTTP)?.value ?? false
        guard identity != nil || address.isLoopback || isInsecure else {
            throw UsageFailure(
                "\(address) can be reached from other machines. Give --tls-cert and --tls-key, or --insecure-http if "
                    + "something else encrypts the way to it."
            )
        }
    }

    private static func address(_ sources: SettingsSources) throws -> ListenAddress {
        guard let text = try sources.text(.listen) else { return defaultAddress }
        guard let address = ListenAddress(text.value) else {
            throw UsageFailure("\(text.origin) wants a host and a port, such as 127.0.0.1:4874 or [::1]:4874")
        }
        return address
    }

    private static func identity(_ sources: SettingsSources) throws -> TLSIdentity? {
        let certificate = try sources.text(.tlsCertificate)
        let key = try sources.text(.tlsKey)
        guard certificate != nil || key != nil else { return nil }
        guard let certificate, let key else { throw UsageFailure("--tls-cert and --tls-key go together. Give both.") }
        return try TLSIdentity(certificatePath: certificate.value, keyPath: key.value)
    }

    private static func links(_ sources: SettingsSources, isSecure: Bool) throws -> ServerOrigin {
        guard let url = try sources.text(.publicURL) else { return .asRequested(isSecure: isSecure) }
        guard let links = ServerOrigin.fixed(url.value) else {
            throw UsageFailure("\(url.origin) wants a scheme and a host, such as https://hush.example.com")
        }
        return links
    }

    private static func proxies(_ sources: SettingsSources) throws -> TrustedProxies {
        guard let text = try sources.text(.trustedProxies) else { return .none }
        guard let proxies = TrustedProxies(text.value) else {
            throw UsageFailure("\(text.origin) wants IP addresses with commas in between")
        }
        return proxies
    }

    private static func requestsPerSecond(_ sources: SettingsSources) throws -> Int? {
        guard let limit = try sources.number(.rateLimit) else { return nil }
        guard limit.value > 0 else { throw UsageFailure("\(limit.origin) wants a number from 1 on") }
        return limit.value
    }
}
