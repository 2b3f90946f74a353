internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Keeps requests from addresses that no link may reach, by what a host's name stands for.
///
/// A name is looked up before a request is sent to it, and what the connection was made to is looked at again, since a name
/// can stand for something else a moment later.
final class AddressGuard: Sendable {
    private struct Verdict {
        var isAllowed: Bool
        var end: ContinuousClock.Instant
    }

    /// How long a look-up counts: connections are checked anyway.
    private static let lifetime = Duration.seconds(30)

    private let policy: LinkPolicy
    private let verdicts = Mutex<[String: Verdict]>([:])

    init(policy: LinkPolicy) {
        self.policy = policy
    }

    /// Whether the settings list a host, so that it may be reached wherever it is.
    func lists(host: String, port: Int?) -> Bool {
        policy.lists(host: host, port: port)
    }

    /// Throws unless requests may go to `host`, which the settings do not list.
    ///
    /// - Throws: ``VaultFailure`` with `untrusted` when they may not, with `unreachable` when there is no such name.
    func check(host: String) async throws(VaultFailure) {
        if let literal = NetworkAddress(host) {
            guard !literal.isGuarded else { throw Self.refusal(host) }
            return
        }
        if let known = verdicts.withLock({ $0[host] }), known.end > .now {
            guard known.isAllowed else { throw Self.refusal(host) }
            return
        }
        let addresses: [NetworkAddress]?
        do {
            addresses = try await NIOThreadPool.singleton.runIfActive { Self.resolve(host) }
        } catch {
            throw VaultFailure(.unreachable, detail: "the process is ending")
        }
        guard let addresses else { throw VaultFailure(.unreachable, detail: "the name \(host) is not known") }
        let isAllowed = !addresses.contains { $0.isGuarded }
        verdicts.withLock { verdicts in
            if verdicts.count > 1000 { verdicts.removeAll() }
            verdicts[host] = Verdict(isAllowed: isAllowed, end: .now + Self.lifetime)
        }
        guard isAllowed else { throw Self.refusal(host) }
    }

    /// Whether a connection may be used that was made to a host which the settings do not list.
    static func allows(_ address: SocketAddress?) -> Bool {
        guard let address = address?.ipAddress.flatMap({ NetworkAddress($0) }) else { return false }
        return !address.isGuarded
    }

    private static func refusal(_ host: String) -> VaultFailure {
        VaultFailure(
            .untrusted,
            detail: "\(host) is this machine, a metadata service or an address of the link alone; an administrator can "
                + "list it under links.hosts in config.yaml")
    }

    private static func resolve(_ host: String) -> [NetworkAddress]? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &first) == 0 else { return nil }
        defer { freeaddrinfo(first) }
        var addresses: [NetworkAddress] = []
        var next = first
        while let entry = next?.pointee {
            next = entry.ai_next
            if let address = entry.ai_addr.flatMap({ NetworkAddress(at: $0) }) { addresses.append(address) }
        }
        return addresses.isEmpty ? nil : addresses
    }
}
