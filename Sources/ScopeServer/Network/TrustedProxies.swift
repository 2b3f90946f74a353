internal import NIOCore

/// The addresses of proxies whose word about their clients' addresses is taken (`X-Forwarded-For`).
public struct TrustedProxies: Sendable, Hashable {
    /// None: a request's address is its connection's.
    public static let none = TrustedProxies(addresses: [])

    private let addresses: Set<String>

    private init(addresses: Set<String>) {
        self.addresses = addresses
    }

    /// Reads IP addresses with commas in between; `nil` when one of them is none.
    public init?(_ text: String) {
        var addresses: Set<String> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let address = Self.canonical(part) else { return nil }
            addresses.insert(address)
        }
        self.addresses = addresses
    }

    /// The client's address of a request that came from `address` with these lists of addresses, the ones of headers that
    /// stand further down last.
    ///
    /// Each proxy adds the address that it saw at the end, so that only what a trusted one added can be believed: the last
    /// address that is not a trusted proxy's own.
    func client(behind address: String?, lists: [String]) -> String? {
        guard let address, addresses.contains(address) else { return address }
        for part in lists.joined(separator: ",").split(separator: ",").reversed() {
            guard let next = Self.canonical(part) else { return address }
            if !addresses.contains(next) { return next }
        }
        return address
    }

    /// An address in the one form in which connections tell theirs.
    private static func canonical(_ text: Substring) -> String? {
        let trimmed = String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        guard trimmed.utf8.count <= 64 else { return nil }
        return try? SocketAddress(ipAddress: trimmed, port: 0).ipAddress
    }
}
