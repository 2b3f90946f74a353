internal import Hummingbird

/// Scheme, host and port under which clients reach a server, for the links that it gives them.
public struct ServerOrigin: Sendable, Hashable {
    private enum Source: Hashable {
        case requests(scheme: String)
        case setting(String)
    }

    private let source: Source

    /// What each request says.
    ///
    /// The links work through port forwarding too, and only the client that sent a host gets it back.
    ///
    /// - Parameter isSecure: Whether the server speaks TLS. What a proxy before it speaks is not known.
    public static func asRequested(isSecure: Bool) -> ServerOrigin {
        ServerOrigin(source: .requests(scheme: isSecure ? "https" : "http"))
    }

    /// What was set, for a server behind a proxy; `nil` unless it is `http://` or `https://` with a host and perhaps a
    /// port.
    public static func fixed(_ url: String) -> ServerOrigin? {
        for scheme in ["https://", "http://"] where url.hasPrefix(scheme) {
            let host = url.dropFirst(scheme.count)
            guard isHost(host.hasSuffix("/") ? host.dropLast() : host) else { return nil }
            return ServerOrigin(source: .setting(url.hasSuffix("/") ? String(url.dropLast()) : url))
        }
        return nil
    }

    /// The origin for the links in the answer to `request`. What is not a host name or address with a port is replaced.
    func of(_ request: Request) -> String {
        switch source {
        case .setting(let url): return url
        case .requests(let scheme):
            let authority = request.head.authority ?? ""
            return "\(scheme)://\(Self.isHost(authority) ? authority : "localhost")"
        }
    }

    private static func isHost(_ authority: some StringProtocol) -> Bool {
        authority.utf8.count <= 255 && !authority.isEmpty && authority.utf8.allSatisfy(isAllowed)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"),
            UInt8(ascii: "["), UInt8(ascii: "]"):
            true
        default: false
        }
    }
}
