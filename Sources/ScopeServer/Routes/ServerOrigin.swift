internal import Hummingbird

/// Scheme, host and port under which a client reached the server, for the links that it is given.
enum ServerOrigin {
    /// Takes the host from the request, so that the links work through port forwarding too; only the client that sent
    /// it gets it back. What is not a host name or address with a port is replaced.
    static func of(_ request: Request) -> String {
        let scheme = request.head.scheme == "https" ? "https" : "http"
        let authority = request.head.authority ?? ""
        let isHost = authority.utf8.count <= 255 && !authority.isEmpty && authority.utf8.allSatisfy(isAllowed)
        return "\(scheme)://\(isHost ? authority : "localhost")"
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
